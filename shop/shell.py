"""What stands around every page."""


def context(request):
    return {}
