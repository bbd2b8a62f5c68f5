"""SOAP as an old service speaks it: one operation, its values, and a result or a fault.

Built and read with the standard library. A document that declares a type (DOCTYPE) is refused
before it is read: there is no other way to entities, and none of them is ever needed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement
from xml.parsers import expat

from config.lib import http
from config.lib.errors import ProviderUnavailable

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
# What XML 1.0 cannot hold at all.
_FORBIDDEN = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


@dataclass(frozen=True)
class Service:
    """Where a service answers, and the name under which it knows its operations."""

    carrier: str
    address: str
    namespace: str


class SoapFault(Exception):
    """The service says no in its own words."""


def call(
    service: Service,
    operation: str,
    values: Mapping,
    *,
    seconds: float | None = None,
    largest: int = http.LARGEST,
) -> Element:
    """Call an operation and give its result; what it refuses raises SoapFault."""
    answer = http.exchange(
        "POST",
        service.address,
        headers={
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{service.namespace}#{operation}"',
        },
        body=written(operation, values, namespace=service.namespace),
        seconds=seconds,
        largest=largest,
    )
    found = _body(answer.body)
    # A fault comes with status 500.
    if found is not None and _name(found) == "Fault":
        raise SoapFault(text(found, "faultstring") or text(found, "Text"))
    http.require_good(answer)
    if found is None or not len(found):
        raise ProviderUnavailable(f"{service.carrier} answered something that cannot be read")
    result = found[0]
    if text(result, "error").lower() in ("true", "1"):
        raise SoapFault(text(result, "errorMessage"))
    return result


def written(operation: str, values: Mapping, *, namespace: str) -> bytes:
    """Write the message that calls an operation; its values stand below `p`."""
    envelope = Element(f"{{{_ENVELOPE}}}Envelope")
    body = SubElement(envelope, f"{{{_ENVELOPE}}}Body")
    _write(SubElement(SubElement(body, f"{{{namespace}}}{operation}"), "p"), values)
    return ElementTree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def text(element: Element, name: str) -> str:
    """Give the text of the first child of this name, or nothing."""
    return next(((one.text or "").strip() for one in element if _name(one) == name), "")


def children(element: Element, name: str) -> Iterator[Element]:
    """Give every element of this name, wherever below."""
    return (one for one in element.iter() if _name(one) == name)


def _write(parent: Element, values: Mapping) -> None:
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            element = SubElement(parent, name)
            if isinstance(one, Mapping):
                _write(element, one)
            elif one is not None:
                element.text = str(one).translate(_FORBIDDEN)


def _body(document: bytes) -> Element | None:
    """Give what stands in the body of a message; None for anything else."""
    try:
        _refuse_types(document)
        root = ElementTree.fromstring(document)  # noqa: S314 (no DOCTYPE, no entities)
    except (ElementTree.ParseError, expat.ExpatError, ValueError, LookupError):
        return None
    if _name(root) != "Envelope":
        return None
    body = next((one for one in root if _name(one) == "Body"), None)
    return body[0] if body is not None and len(body) else None


def _refuse_types(document: bytes) -> None:
    def refuse(*_parts):
        raise ValueError("A document type is declared")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(document, True)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
