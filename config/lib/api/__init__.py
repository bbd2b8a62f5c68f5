"""What every part of the REST API shares: errors, pages, versions, throttles, strict bodies."""
