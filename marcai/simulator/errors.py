"""The Cloud API's refusals: each code with its HTTP status and title, and the body in which Meta wraps them."""

from __future__ import annotations

import secrets
from typing import Any

#: code -> (HTTP status, title). Every throttle is a 400, as at Meta.
CATALOGUE: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    200: (403, "API Permission"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Business Account locked"),
    131037: (400, "WhatsApp provided number needs display name approval before message can be sent"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "Meta chose not to deliver"),
    131050: (400, "User has stopped receiving marketing messages from you"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Business Account is in maintenance mode"),
    131062: (400, "Business-scoped user ID is not allowed for this message"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132007: (400, "Template format character policy violated"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "There is an issue with the parameters in your template"),
    132068: (400, "Flow is in blocked state"),
    132069: (400, "Flow is throttled"),
    133004: (503, "Server temporarily unavailable"),
    133010: (400, "Phone number not registered"),
    133016: (400, "Account register deregister rate limit exceeded"),
    134011: (400, "Payments terms of service not accepted"),
    134101: (400, "Template syncing"),
    135000: (400, "Generic user error"),
    137000: (400, "Recipient identity key hash mismatch"),
}

#: What Meta explains when nothing more precise is known.
DETAILS: dict[int, str] = {
    130429: "Cloud API message throughput has been reached.",
    131026: "Message undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last replied "
    "to this number.",
    131048: "Message failed to send because there are restrictions on how many messages can be sent from this "
    "phone number.",
    131056: "Too many messages sent from this phone number to the same recipient in a short period of time.",
}


class GraphError(Exception):
    """One refusal of the Graph API."""

    def __init__(self, code: int, details: str | None = None, *, message: str | None = None,
                 subcode: int | None = None):
        self.code = code
        self.status, self.title = CATALOGUE.get(code, (400, "Unknown error"))
        self.details = details or DETAILS.get(code) or f"{self.title}."
        self.message = message or f"(#{code}) {self.title}"
        self.subcode = subcode
        super().__init__(f"{self.message}: {self.details}")

    def body(self) -> dict[str, Any]:
        """The JSON body of a refused call."""
        error: dict[str, Any] = {
            "message": self.message,
            "type": "OAuthException" if self.code != 33 else "GraphMethodException",
            "code": 100 if self.code == 33 else self.code,
            "fbtrace_id": "A" + secrets.token_urlsafe(16)[:22],
        }
        if self.code == 33:
            error["error_subcode"] = 33
        elif self.code != 190:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.status >= 500:
            error["is_transient"] = True
        return {"error": error}

    def for_status(self) -> dict[str, Any]:
        """The same refusal as it appears in a failed delivery status."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details},
            "href": "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
        }
