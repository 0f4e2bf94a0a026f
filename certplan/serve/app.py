"""Which address does what. Every form is posted plainly and answered with the page, so the script is a comfort only."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from http import HTTPStatus
from threading import Lock
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from certplan.held import holding
from certplan.plan.model import NotStatedError
from certplan.plan.reading import PlanError
from certplan.plan.yamltext import EditRefusedError, Values
from certplan.report.document import Tone
from certplan.serve.downloads import DOWNLOADS, Download, NotToBeHad
from certplan.serve.fields import label_of
from certplan.serve.guard import Guard, Session
from certplan.serve.open_plan import EditConflict, OpenPlan, OutdatedPage
from certplan.serve.page import Notice, script, style, view
from certplan.serve.workspace import Upload, Workspace
from certplan.sources.mapping import MappingProblem, read_mapping
from certplan.sources.planfile import NoPlan
from certplan.storage import ChangedError
from certplan.text.words import listed

__all__ = ["MAX_FORM", "MAX_UPLOAD", "workbench"]

MAX_UPLOAD = 256 * 1024 * 1024
"""Bytes of files that can be added at once: a dozen diagnostic log archives of common size."""
MAX_FORM = 2 * 1024 * 1024
"""Bytes of any other form."""
_MOST_FILES, _MOST_FIELDS = 1000, 10_000
_SEE_OTHER = HTTPStatus.SEE_OTHER
Fields = dict[str, str]


class TooLargeError(Exception):
    """A body is over its bound."""


class _InMemory(MultiPartParser):
    """Files stay in memory: what an engineer adds is on no disk before it is saved."""

    spool_max_size = MAX_UPLOAD + 1


class Workbench:
    """The application: one workspace, and one request at a time that touches it."""

    def __init__(self, workspace: Workspace, *, read_only: bool) -> None:
        self._workspace, self._read_only, self._lock = workspace, read_only, Lock()
        self._notice: Notice | None = None

    def routes(self) -> list[Route]:
        """Every address."""
        acts: dict[str, Callable[[Fields], Notice | None]] = {
            "edit": self._edit,
            "answer": self._answer,
            "accept": self._accept,
            "undo": self._undo,
            "save": self._save,
            "open": self._open,
            "example": self._example,
        }
        return [
            Route("/", self.show),
            Route("/workbench.css", _asset(style, "text/css; charset=utf-8")),
            Route("/workbench.js", _asset(script, "text/javascript; charset=utf-8")),
            Route("/favicon.ico", _nothing),
            Route("/revision", self.revision),
            Route("/download/{name}", self.download),
            Route("/add", self.add, methods=["POST"]),
            *(Route(f"/{name}", self._form(act), methods=["POST"]) for name, act in acts.items()),
        ]

    async def show(self, request: Request) -> Response:
        """The page as it stands, with what came of the last request; or what has changed of it since."""
        known = _known(request)
        if known is None:
            return await run_in_threadpool(self._page)
        why = Notice("Another window has changed this. It is shown as it is now.", tone=Tone.PLAIN)
        return await run_in_threadpool(self._page, why, known=known)

    async def revision(self, _: Request) -> Response:
        """The number of the present state; a page that shows another has fallen behind."""
        open_plan = self._workspace.open_plan
        return PlainTextResponse(f"{0 if open_plan is None else open_plan.revision}\n")

    def _page(
        self,
        notice: Notice | None = None,
        status: HTTPStatus = HTTPStatus.OK,
        known: Mapping[str, str] | None = None,
    ) -> Response:
        with self._lock:
            if known is not None:
                changes = view(self._workspace, notice, read_only=self._read_only).changes(known)
                return Response(changes, status, media_type="application/json")
            shown, self._notice = notice or self._notice, None
            return HTMLResponse(view(self._workspace, shown, read_only=self._read_only).html(), status)

    def _form(self, act: Callable[[Fields], Notice | None]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            known = _known(request)
            try:
                body = b"".join([piece async for piece in _bounded(request, MAX_FORM)])
                fields = dict(
                    parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
                )
            except TooLargeError:
                status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                return await run_in_threadpool(self._page, _too_large(MAX_FORM), status, known)
            except ValueError:
                why = Notice("The form could not be read; nothing was done.", tone=Tone.BAD)
                return await run_in_threadpool(self._page, why, HTTPStatus.BAD_REQUEST, known)
            return await run_in_threadpool(self._done, lambda: act(fields), known)

        return endpoint

    def _done(self, act: Callable[[], Notice | None], known: Mapping[str, str] | None) -> Response:
        """Do one thing; the page follows, with what came of it, or why nothing was done."""
        status = HTTPStatus.CONFLICT
        try:
            with self._lock:
                notice = act()
                if known is None:
                    self._notice = notice
            return RedirectResponse("/", _SEE_OTHER) if known is None else self._page(notice, known=known)
        except OutdatedPage as error:
            notice = Notice(
                "The plan was changed in another window, and nothing was done. This is how it is now: look at it,"
                " and do it again.",
                tuple(map(_in_words, error.conflicts)),
                Tone.WARN,
            )
        except ChangedError:
            notice = Notice(
                "The plan's file was changed by somebody else meanwhile, and nothing was written. Download your"
                " plan.yaml, then open the file again.",
                tone=Tone.BAD,
            )
        except FileExistsError as error:
            notice = Notice(
                f"{error.filename} is there already with other contents; nothing was written.", tone=Tone.BAD
            )
        except OSError as error:
            notice = Notice(f"The folder cannot be written to ({error.strerror or error}).", tone=Tone.BAD)
        except (EditRefusedError, NoPlan, NotStatedError, _NotDone) as error:
            status, notice = HTTPStatus.UNPROCESSABLE_ENTITY, Notice(f"Nothing was done: {error}.", tone=Tone.BAD)
        except PlanError as error:
            lines = tuple(str(problem) for problem in error.problems[:20])
            status, notice = HTTPStatus.UNPROCESSABLE_ENTITY, Notice("This makes no usable plan.", lines, Tone.BAD)
        return self._page(notice, status, known)

    def _open_plan(self) -> OpenPlan:
        if self._workspace.open_plan is None:
            raise _NotDone("no plan is open")
        return self._workspace.open_plan

    def _edit(self, fields: Fields) -> Notice | None:
        open_plan = self._open_plan()
        open_plan.step(self._workspace.others())
        typed = {name: text for name, text in fields.items() if name != "revision"}
        conflicts = tuple(map(_in_words, open_plan.edit(typed, _revision(fields))))
        problems = tuple(dict.fromkeys(open_plan.problems.values()))
        if not (conflicts or problems):
            return None
        text = "A field cannot be taken yet." if problems else "A field was changed in another window and stays so."
        return Notice(text, (*conflicts, *problems), Tone.WARN)

    def _answer(self, fields: Fields) -> Notice | None:
        open_plan = self._open_plan()
        open_plan.check(_revision(fields))
        answers: dict[str, Values] = {}
        for name in ("cluster.type", "cluster.release", "cluster.tls_verification"):
            if text := fields.get(name, "").strip():
                answers[name] = text
        if table := fields.get("cluster.address_mapping", "").strip():
            answers["cluster.address_mapping"] = "off" if table.lower() == "off" else _rows(table)
        if not answers:
            raise _NotDone("no question was answered")
        open_plan.answer(answers)
        return Notice(f"Answered: {listed(answers)}.")

    def _accept(self, fields: Fields) -> Notice | None:
        open_plan = self._open_plan()
        open_plan.step(self._workspace.others())
        self._same_plan(fields)
        if not open_plan.accept(fields.get("change", "")):
            raise _NotDone("this change is suggested no more")
        return Notice("The change is in the target.")

    def _same_plan(self, fields: Mapping[str, str]) -> None:
        """Refuse what was asked on a page that shows another plan than the one that is open by now."""
        if self._workspace.open_plan is not None and not self._workspace.open_plan.knows(_revision(fields)):
            raise OutdatedPage

    def _undo(self, fields: Fields) -> Notice | None:
        open_plan = self._open_plan()
        open_plan.check(_revision(fields))
        open_plan.undo()
        return Notice("The last change is undone.")

    def _save(self, fields: Fields) -> Notice | None:
        if self._read_only:
            raise _NotDone("the workbench was started with --read-only")
        open_plan = self._open_plan()
        open_plan.check(_revision(fields))
        if open_plan.typed:
            raise _NotDone("a field of the target cannot be taken yet; correct it or undo it first")
        written = open_plan.save()
        return Notice(f"Saved {listed(written)} in {open_plan.path.parent}. Nothing was changed on any appliance.")

    def _open(self, fields: Fields) -> Notice | None:
        name = fields.get("plan", "")
        try:
            self._workspace.open(name, again=fields.get("again") == "yes")
        except KeyError:
            raise _NotDone("the folder has no such plan") from None
        return None

    def _example(self, _: Fields) -> Notice | None:
        self._workspace.start_example()
        return Notice("A worked example with faults in it. Nothing of it is written before you save it.")

    async def add(self, request: Request) -> Response:
        """Files: read in memory, and bounded."""
        known = _known(request)
        try:
            uploads, fields = await _uploaded(request)
        except TooLargeError:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return await run_in_threadpool(self._page, _too_large(MAX_UPLOAD), status, known)
        except MultiPartException:
            why = Notice("The files could not be read; nothing was done.", tone=Tone.BAD)
            return await run_in_threadpool(self._page, why, HTTPStatus.BAD_REQUEST, known)
        return await run_in_threadpool(self._done, lambda: self._add(uploads, fields), known)

    def _add(self, uploads: list[Upload], fields: Mapping[str, str]) -> Notice:
        if not uploads:
            raise _NotDone("no file was chosen")
        self._same_plan(fields)
        added = self._workspace.add(
            uploads, to_target=fields.get("state") == "target", peer=fields.get("peer", ""), view=fields.get("view", "")
        )
        refused = tuple(f"Not taken: {each.file} {each.why}." for each in added.refused)
        lines = (*refused, *(f"{text}." for text in added.taken))
        text = "Files were added." if added.taken else "No file was taken."
        return Notice(text, lines, Tone.WARN if refused else Tone.PLAIN)

    async def download(self, request: Request) -> Response:
        """One of the documents, as a file."""
        name = request.path_params["name"]
        chosen = next((each for each in DOWNLOADS if each.name == name), None)
        if chosen is None:
            return PlainTextResponse("There is no such document.\n", HTTPStatus.NOT_FOUND)
        return await run_in_threadpool(self._document, chosen)

    def _document(self, chosen: Download) -> Response:
        try:
            with self._lock:
                text = self._made(chosen)
        except (NotToBeHad, NotStatedError, _NotDone) as error:
            why = Notice(f"{chosen.name} is not available: {error}.", tone=Tone.WARN)
            return self._page(why, HTTPStatus.UNPROCESSABLE_ENTITY)
        headers = {"Content-Disposition": f'attachment; filename="{chosen.name}"'}
        return Response(text.encode("utf-8", "backslashreplace"), media_type=chosen.kind, headers=headers)

    def _made(self, chosen: Download) -> str:
        open_plan = self._open_plan()
        step = open_plan.step(self._workspace.others())
        if chosen.make is None:
            return open_plan.state.text
        if step.judgement is None:
            raise NotToBeHad(step.why)
        with holding({**self._workspace.others(), **open_plan.held()}):
            return chosen.make(step.judgement)


class _NotDone(Exception):  # noqa: N818 - reads as what is the case
    """What was asked cannot be done; the text says why, without its full stop."""


def workbench(workspace: Workspace, session: Session, *, read_only: bool = False) -> ASGIApp:
    """The application behind its guard.

    Args:
        workspace: what is worked at.
        session: the secrets, and the port listened on.
        read_only: whether nothing is to be written.
    """
    routes = Workbench(workspace, read_only=read_only).routes()
    return Guard(Starlette(routes=routes, exception_handlers={Exception: _failed}), session)


async def _failed(_: Request, error: Exception) -> Response:
    """Whatever it is, the user gets a sentence."""
    why = f"This failed unexpectedly ({type(error).__name__}). Please report it.\n"
    return PlainTextResponse(why, HTTPStatus.INTERNAL_SERVER_ERROR)


def _asset(make: Callable[[], str], kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_: Request) -> Response:
        return Response(make(), media_type=kind)

    return endpoint


async def _nothing(_: Request) -> Response:
    """What browsers ask for by themselves."""
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _too_large(most: int) -> Notice:
    return Notice(f"That is over {most >> 20} MiB, and nothing was read. Add less at once.", tone=Tone.BAD)


def _in_words(conflict: EditConflict) -> str:
    return (
        f"{label_of(conflict.name)}: {conflict.typed or 'empty'} was typed here, "
        f"and it is {conflict.present or 'empty'} now."
    )


def _known(request: Request) -> dict[str, str] | None:
    """The marks of the regions that a page's script says it has; None where a browser asks for the page itself."""
    given = request.headers.get("x-regions")
    return (
        None if given is None else {ident: mark for ident, _, mark in (each.partition("=") for each in given.split())}
    )


def _revision(fields: Mapping[str, str]) -> int:
    text = fields.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _rows(text: str) -> list[dict[str, str]]:
    try:
        entries, _ = read_mapping(text, "answer")
    except MappingProblem as error:
        raise _NotDone(str(error).rstrip(".")) from None
    return [dict(zip(("fqdn", "ip"), str(entry).split(" ", 1), strict=True)) for entry in entries]


async def _bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body, piece by piece.

    Raises:
        TooLargeError: as soon as it is over the bound, or says that it will be.
    """
    stated = request.headers.get("content-length", "0")
    if not stated.isdigit() or int(stated) > most:
        raise TooLargeError
    count = 0
    async for piece in request.stream():
        count += len(piece)
        if count > most:
            raise TooLargeError
        yield piece


async def _uploaded(request: Request) -> tuple[list[Upload], Fields]:
    """The files and the other fields of a form.

    Raises:
        MultiPartException: when it is no such form.
        TooLargeError: when it is over the bound.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise MultiPartException("no form with files")
    stream = _bounded(request, MAX_UPLOAD)
    form = await _InMemory(request.headers, stream, max_files=_MOST_FILES, max_fields=_MOST_FIELDS).parse()
    uploads: list[Upload] = []
    fields: Fields = {}
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            fields[name] = value
        elif value.filename:
            uploads.append((value.filename, await value.read()))
    await form.close()
    return uploads, fields
