"""What browsers are told not to do with any answer, beside what Django and the Content-Security-Policy tell them."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

NOT_USED = (
    "accelerometer", "ambient-light-sensor", "bluetooth", "browsing-topics", "camera", "display-capture",
    "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
"""What browsers can do and no page asks for: neither may a script that got into one."""

HEADERS = {
    "Permissions-Policy": ", ".join(f"{name}=()" for name in NOT_USED),
    # Pages of other sites cannot draw our pictures, whoever looks at them.
    "Cross-Origin-Resource-Policy": "same-origin",
}


class BrowserLimitsMiddleware:
    """Adds `HEADERS` to every answer, static files included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
