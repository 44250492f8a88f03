"""XML of the SOAP API: read without entities, document types or external parts; faults and elements written."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from core.demo.http.call import Answer

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
XML_TYPE = {"Content-Type": "text/xml; charset=utf-8"}
_DEEPEST = 20


class Unreadable(Exception):
    """The document is no envelope, or holds something that an envelope never holds."""


@dataclass
class Node:
    """One element: its name without namespace, its text, its children in order. `nil` for xsi:nil."""

    name: str
    text: str = ""
    nil: bool = False
    children: list[Node] = field(default_factory=list)

    def all(self, name: str) -> list[Node]:
        """The children of that name."""
        return [child for child in self.children if child.name == name]

    def find(self, name: str) -> Node | None:
        """The first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def text_of(self, name: str) -> str | None:
        """The text of the first child of that name; None for none, an empty one and nil."""
        child = self.find(name)
        return None if child is None or child.nil else child.text.strip() or None

    def true(self, name: str) -> bool:
        """Whether a child says true."""
        return (self.text_of(name) or "").lower() in ("true", "1")


def read_envelope(body: bytes) -> tuple[Node, Node]:
    """Header (empty where there is none) and the operation inside Body. Raises Unreadable."""
    root = _parsed(body)
    content = root.find("Body")
    if root.name != "Envelope" or content is None or not content.children:
        raise Unreadable("no operation in the soap Body")
    return root.find("Header") or Node("Header"), content.children[0]


def _parsed(body: bytes) -> Node:
    top = Node("")
    stack = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _DEEPEST:
            raise Unreadable("elements are nested too deep")
        nil = any(key.endswith(" nil") and value in ("true", "1") for key, value in attributes.items())
        made = Node(name.rpartition(" ")[2], nil=nil)
        stack[-1].children.append(made)
        stack.append(made)

    def end(name: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1].text += data

    def forbidden(*details: object) -> None:
        raise Unreadable("document types and entities are not accepted")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    parser.ExternalEntityRefHandler = forbidden  # type: ignore[assignment]
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unreadable(str(error)) from error
    return top.children[0]


def tag(name: str, value: object) -> str:
    """One element with text."""
    return f"<{name}>{escape(str(value))}</{name}>"


def fault(code: str, message: str, *, soap: bool = False, kind: str = "UnexpectedErrorFault") -> Answer:
    """A SOAP fault with status 500."""
    detail = (
        ""
        if soap
        else (
            f'<detail><sf:{kind} xsi:type="sf:{kind}">'
            f"<sf:exceptionCode>{escape(code)}</sf:exceptionCode>"
            f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:{kind}></detail>"
        )
    )
    name = code if soap else f"sf:{code}"
    shown = message if soap else f"{code}: {message}"
    text = (
        f'{HEAD}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body><soapenv:Fault><faultcode>{escape(name)}</faultcode>"
        f"<faultstring>{escape(shown)}</faultstring>{detail}</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(500, body=text.encode(), headers=dict(XML_TYPE))
