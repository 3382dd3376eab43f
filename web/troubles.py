"""Every way a request can fail, turned into a Vietnamese page with the fitting status."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from airlog.access import NotAllowed
from airlog.campaigns import BadCampaign
from airlog.db import Refused, Unstorable
from airlog.items import ItemTaken, SameAuthor
from airlog.record import NothingToChange
from airlog.scope import BadScope
from airlog.sessions import DeadLink
from content.item import BrokenItem
from content.week import BadWeek
from web.auth import NotSignedIn
from web.pages import see_other, trouble_page
from web.safety import add_headers, too_large
from web.uploads import UploadTooLarge

_log = logging.getLogger(__name__)


class NotThere(Refused):
    """No such thing, or not for this person: both look the same from outside."""


_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotThere, 404),
    (NotAllowed, 403),
    (SameAuthor, 403),
    (DeadLink, 410),
    (ItemTaken, 409),
    (UploadTooLarge, 413),
    (BadCampaign, 422),
    (BadScope, 422),
    (BadWeek, 404),
    (BrokenItem, 422),
    (Unstorable, 404),
    (Refused, 400),
)
_WORDS = {
    400: ("Loa Xã không đọc được nội dung vừa gửi.", "Anh/chị tải lại trang rồi gửi lại."),
    404: ("Không có trang này.", "Anh/chị kiểm tra địa chỉ, hoặc quay về trang đầu."),
    405: ("Trang này không nhận thao tác vừa gửi.", "Anh/chị quay lại trang trước rồi bấm nút trên trang."),
}


def install(app: FastAPI) -> None:
    app.add_exception_handler(NotSignedIn, _to_login)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NothingToChange, _nothing)
    for kind in (Refused, BadScope, BadWeek, BrokenItem, Unstorable):
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(Exception, _broken)


async def _to_login(request: Request, error: Exception) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    return see_other("/login")


async def _refused(request: Request, error: Exception) -> Response:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    return trouble_page(request, status, str(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what, todo = _WORDS.get(error.status_code, _WORDS[400])
    if error.status_code == 413:
        what, todo = too_large(request.url.path)
    answer = trouble_page(request, error.status_code, what, todo=todo)
    answer.headers.update(error.headers or {})
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    """A path or form that our own pages never send."""
    assert isinstance(error, RequestValidationError)
    if any(problem["loc"][0] == "path" for problem in error.errors()):
        return trouble_page(request, 404, _WORDS[404][0], todo=_WORDS[404][1])
    fields = ", ".join(dict.fromkeys(str(problem["loc"][-1]) for problem in error.errors()))
    return trouble_page(
        request, 422, f"Có ô điền chưa đúng: {fields}.", todo="Anh/chị quay lại, sửa rồi gửi lại."
    )


async def _nothing(request: Request, error: Exception) -> Response:
    return trouble_page(
        request, 409, "Chưa có xác nhận nào để xem xét.", todo="Anh/chị đợi đài xác nhận rồi làm lại."
    )


async def _broken(request: Request, error: Exception) -> Response:
    """Ours to mend. This answer is made outside the other layers, so it takes its headers here."""
    _log.error("page failed: %s %s", request.method, _route_name(request), exc_info=error)
    answer = trouble_page(
        request,
        500,
        "Loa Xã gặp lỗi khi mở trang này.",
        todo="Anh/chị thử lại sau ít phút; nếu vẫn lỗi, báo người quản trị kèm giờ gặp lỗi.",
    )
    add_headers(answer.headers, request.url.path, is_https=False)
    return answer


def _route_name(request: Request) -> str:
    """Never the path: links to sign in are secrets."""
    return str(getattr(request.scope.get("route"), "path", "?"))
