import pytest

from clinics.requests import RequestFacts, RequestIdMiddleware, request_facts


def answer_of(rf, view, **facts):
    return RequestIdMiddleware(view)(rf.get("/somewhere/", **facts))


class Answer(dict):
    status_code = 204


def test_request_is_known_while_it_is_answered_and_forgotten_afterwards(rf):
    seen = []

    def view(request):
        seen.append(request_facts())
        return Answer()

    response = answer_of(rf, view, REMOTE_ADDR="203.0.113.9")

    assert seen == [RequestFacts(response["X-Request-Id"], "203.0.113.9")]
    assert request_facts() == RequestFacts("", None)


def test_each_request_has_an_id_of_its_own_whatever_it_brings_along(rf):
    ids = {answer_of(rf, lambda request: Answer(), HTTP_X_REQUEST_ID="mine")["X-Request-Id"] for _ in range(3)}

    assert (len(ids), "mine" in ids, {len(each) for each in ids}) == (3, False, {32})


def test_request_is_forgotten_also_when_it_fails(rf):
    def view(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer_of(rf, view)

    assert request_facts() == RequestFacts("", None)


def test_answer_is_logged_in_one_line(rf, caplog):
    with caplog.at_level("INFO", logger="recare.request"):
        answer_of(rf, lambda request: Answer())

    [line] = [entry.msg for entry in caplog.records if entry.name == "recare.request"]
    assert line["event"] == "answered"
    assert (line["method"], line["route"], line["status"]) == ("GET", "", 204)
    assert line["milliseconds"] >= 0
