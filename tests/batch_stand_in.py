"""The batch APIs of the three vendors on a `StandIn`: requests come in as one, answers go out in the opposite order.

    office = BatchOffice(server, lambda question: Answer("{}"))
    ...
    office.batches[0]                     # the requests of the first batch, by the name of the call
    office.looks = 3                      # so many looks until a batch has ended
    office.faults["look"] = [Failure(500)]    # what is answered first to sending, looking, fetching

Source: the vendors' pages, and the types of their SDKs, which read it back.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Literal

from dialects import ENDINGS, Answer, Exchange, Failure, Raw
from stand_in import Request, StandIn

Fate = Answer | Failure | Literal["expired", "cancelled", "garbled"]
Step = Literal["send", "look", "rows"]


class BatchOffice:
    """Answers whatever comes to the server's batch paths."""

    def __init__(self, server: StandIn, fate: Callable[[str], Fate]) -> None:
        """`fate` is what becomes of a call, by its question."""
        self.server, self.fate = server, fate
        self.batches: list[dict[str, dict[str, Any]]] = []
        self.looks = 1
        self.faults: dict[Step, list[Exchange]] = defaultdict(list)
        self.results_at = server.url
        self.names = True
        """Google's answers carry the name of their call."""
        self.state: str | None = None
        """The state a batch ends in, in the vendor's word, where it is not the usual one."""
        self._looked = 0
        self._file: list[dict[str, Any]] = []
        server.respond = self._respond

    def _respond(self, request: Request) -> Exchange:
        path = request.path.partition("?")[0]
        step = _step(path)
        if self.faults[step]:
            return self.faults[step].pop(0)
        if path.endswith("/v1/messages/batches"):
            self._take((row["custom_id"], row["params"]) for row in request.body["requests"])
            return self._anthropic(f"msgbatch_{len(self.batches)}", ended=False)
        if "/v1/messages/batches/" in path:
            name = path.split("/")[4]
            return self._anthropic_rows(path) if step == "rows" else self._anthropic(name, ended=self._has_ended())
        if "batchGenerateContent" in path:
            rows = request.body["batch"]["inputConfig"]["requests"]["requests"]
            self._take((row["metadata"]["call"], row["request"]) for row in rows)
            return _json({"name": f"batches/b{len(self.batches)}", "metadata": {"state": "BATCH_STATE_PENDING"}})
        return self._google(path) if "/v1beta/batches/" in path else self._openai(path, request)

    def _take(self, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
        self.batches.append(dict(rows))
        self._looked = 0

    def _has_ended(self) -> bool:
        self._looked += 1
        return self._looked >= self.looks

    def _fates(self, path: str) -> list[tuple[str, Fate]]:
        number = re.search(r"(?:batch_|batches/b|file-out|file-errors)(\d+)", path)
        assert number
        asked = self.batches[int(number[1]) - 1].items()
        return [(name, self.fate(_question(body))) for name, body in reversed(asked)]

    def _anthropic(self, name: str, *, ended: bool) -> Raw:
        counts = dict.fromkeys(("canceled", "errored", "expired", "processing", "succeeded"), 0)
        when = "2026-11-22T00:00:00Z"
        return _json({
            "id": name, "type": "message_batch", "created_at": when, "expires_at": when, "request_counts": counts,
            "processing_status": "ended" if ended else "in_progress",
            "results_url": f"{self.results_at}/v1/messages/batches/{name}/results" if ended else None,
        })  # fmt: skip

    def _anthropic_rows(self, path: str) -> Raw:
        rows = [{"custom_id": name, "result": _anthropic_result(fate)} for name, fate in self._fates(path)]
        return Raw(_lines(rows), headers={"Content-Type": "application/x-jsonl"})

    def _openai(self, path: str, request: Request) -> Raw:
        if path.endswith("/content"):
            wrong = "errors" in path
            rows = [_openai_row(*row) for row in self._fates(path) if isinstance(row[1], Answer) != wrong]
            return Raw(_lines(rows), headers={"Content-Type": "application/octet-stream"})
        if path.endswith("/files"):
            self._file = [json.loads(row) for row in request.raw.splitlines() if row.startswith(b'{"custom_id"')]
            return _json({"id": "file-in", "object": "file", "bytes": 1, "created_at": 1, "filename": "x"})
        if path.endswith("/batches"):
            assert request.body["input_file_id"] == "file-in"
            self._take((row["custom_id"], row["body"]) for row in self._file)
        name = f"batch_{len(self.batches)}" if path.endswith("/batches") else path.rsplit("/", maxsplit=1)[-1]
        number = name.removeprefix("batch_")
        ended = not path.endswith("/batches") and self._has_ended()
        status = (self.state or "completed") if ended else "in_progress"
        files = (
            {"output_file_id": f"file-out{number}", "error_file_id": f"file-errors{number}"}
            if status == "completed"
            else {}
        )
        errors = {"data": [{"code": "too_much", "message": "over the limit"}]} if status == "failed" else None
        return _json({
            "id": name, "object": "batch", "endpoint": "/v1/responses", "created_at": 1,
            "completion_window": "24h", "input_file_id": "file-in", "status": status, "errors": errors, **files,
        })  # fmt: skip

    def _google(self, path: str) -> Raw:
        name = path.partition("/v1beta/")[2]
        if not self._has_ended():
            return _json({"name": name, "metadata": {"state": "BATCH_STATE_RUNNING"}})
        rows = [_google_row(name if self.names else "", fate) for name, fate in self._fates(path)]
        rows = rows if self.names else rows[::-1]
        state = self.state or "BATCH_STATE_SUCCEEDED"
        output = {"inlinedResponses": {"inlinedResponses": [] if self.state else rows}}
        return _json({"name": name, "metadata": {"state": state, "output": output}})


def _step(path: str) -> Step:
    if path.endswith(("/results", "/content")):
        return "rows"
    return "send" if path.endswith(("/batches", "/files", ":batchGenerateContent")) else "look"


def _json(body: Any) -> Raw:
    return Raw(json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


def _question(body: dict[str, Any]) -> str:
    """The end of the prompt, in whichever dialect."""
    turns = body.get("messages") or body.get("input") or body["contents"]
    parts = turns[0].get("content") or turns[0]["parts"]
    return parts[-1]["text"]


def _anthropic_result(fate: Fate) -> dict[str, Any]:
    if isinstance(fate, Failure):
        error = {"type": fate.code, "message": fate.message}
        return {"type": "errored", "error": {"type": "error", "error": error, "request_id": None}}
    if not isinstance(fate, Answer):
        word = {"expired": "expired", "cancelled": "canceled", "garbled": "succeeded"}[fate]
        return {"type": word} | ({"message": {"usage": 3}} if fate == "garbled" else {})
    used = fate.usage
    assert used
    return {"type": "succeeded", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "stand-in", "stop_sequence": None,
        "content": [{"type": "text", "text": fate.text}], "stop_reason": ENDINGS["anthropic"][fate.ending],
        "usage": {
            "input_tokens": used.input, "cache_read_input_tokens": used.cached, "output_tokens": used.output,
            "cache_creation_input_tokens": used.cache_written, "service_tier": "batch",
        },
    }}  # fmt: skip


def _openai_row(name: str, fate: Fate) -> dict[str, Any]:
    row: dict[str, Any] = {"id": "batch_req_1", "custom_id": name, "response": None, "error": None}
    if isinstance(fate, Failure):
        body = {"error": {"message": fate.message, "code": fate.code}}
        return row | {"response": {"status_code": fate.status, "request_id": "req_1", "body": body}}
    if fate == "garbled":
        return row | {"response": {"status_code": 200, "request_id": "req_1", "body": {"output": 3}}}
    if not isinstance(fate, Answer):
        return row | {"error": {"code": f"batch_{fate}", "message": "it was not done"}}
    assert fate.usage
    text = {"type": "output_text", "text": fate.text, "annotations": []}
    message = {"type": "message", "id": "item_1", "role": "assistant", "status": "completed", "content": [text]}
    usage = {
        "input_tokens": fate.usage.input + fate.usage.cached, "output_tokens": fate.usage.output, "total_tokens": 0,
        "input_tokens_details": {"cached_tokens": fate.usage.cached}, "output_tokens_details": {"reasoning_tokens": 0},
    }  # fmt: skip
    body = {"id": "resp_1", "object": "response", "status": "completed", "output": [message], "usage": usage}
    return row | {"response": {"status_code": 200, "request_id": "req_1", "body": body}}


def _google_row(name: str, fate: Fate) -> dict[str, Any]:
    named = {"metadata": {"call": name}} if name else {}
    if isinstance(fate, Failure):
        return named | {"error": {"code": {400: 3, 529: 14}[fate.status], "message": fate.message}}
    if not isinstance(fate, Answer):
        return named | {"error": {"code": 4, "message": fate}}
    assert fate.usage
    used = {
        "promptTokenCount": fate.usage.input + fate.usage.cached, "candidatesTokenCount": fate.usage.output,
        "cachedContentTokenCount": fate.usage.cached,
    }  # fmt: skip
    candidate = {"content": {"role": "model", "parts": [{"text": fate.text}]}, "finishReason": "STOP"}
    return named | {"response": {"candidates": [candidate], "usageMetadata": used, "responseId": "r"}}
