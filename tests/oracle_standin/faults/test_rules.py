"""Faults as values and as JSON, without a server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oracle_standin.errors import OracleError, StandinError
from oracle_standin.faults import Answer, Cut, Delay, Faults, Kill, Rule, rule_from_json, rule_to_json
from oracle_standin.server import Call, CallKind, CutConnection


@pytest.mark.parametrize(
    "rule",
    [
        Rule(kind=CallKind.COMMIT, action=Cut(), when="after", n=3, times=2, user="SCOTT"),
        Rule(kind=CallKind.EXECUTE, action=Answer(60, "deadlock"), matching="insert", times=None),
        Rule(kind=CallKind.CONNECT, action=Answer(12519), client="mine", sessions=4),
        Rule(kind=CallKind.PING, action=Kill()),
        Rule(kind=CallKind.FETCH, action=Delay(0.5)),
    ],
)
def test_rules_survive_json(rule: Rule) -> None:
    """A rule that is sent as JSON arrives as the same."""
    assert rule_from_json(json.loads(json.dumps(rule_to_json(rule)))) == rule


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "no JSON object"),
        ({}, "the field kind is missing"),
        ({"kind": "commit"}, "the field action is missing"),
        ({"kind": "commit", "action": {}}, "the field name is missing"),
        ({"kind": "commit", "action": {"name": "explode"}}, "no action 'explode'"),
        ({"kind": "commit", "action": {"name": "answer"}}, "answer takes number, text"),
        ({"kind": "commit", "action": {"name": "cut", "number": 3}}, "cut takes nothing"),
        ({"kind": "party", "action": {"name": "cut"}}, "no kind 'party'"),
        ({"kind": "commit", "action": {"name": "cut"}, "where": 1}, "no field 'where'"),
        ({"kind": "commit", "action": {"name": "cut"}, "n": "first"}, "n cannot be 'first'"),
        ({"kind": "commit", "action": {"name": "cut"}, "n": True}, "n cannot be True"),
        ({"kind": "commit", "action": {"name": "cut"}, "n": 0}, "counted from 1"),
        ({"kind": "commit", "action": {"name": "cut"}, "times": 0}, "counted from 1"),
        ({"kind": "commit", "action": {"name": "cut"}, "when": "later"}, "no time 'later'"),
        ({"kind": "commit", "action": {"name": "cut"}, "sessions": 3}, "only connects and logins"),
        ({"kind": "connect", "action": {"name": "cut"}, "user": "x"}, "nobody knows the user"),
        ({"kind": "login", "action": {"name": "kill"}}, "no session to kill"),
        ({"kind": "login", "action": {"name": "answer", "number": 12514}}, "a listener's answer"),
        ({"kind": "ping", "action": {"name": "answer", "number": 0}}, "there is no ORA-00000"),
        ({"kind": "ping", "action": {"name": "delay", "seconds": -1}}, "nobody can wait"),
        ({"kind": "execute", "action": {"name": "cut"}, "matching": "("}, "no regular expression"),
    ],
)
def test_wrong_rules_are_refused(data: Any, said: str) -> None:
    """A rule that could not strike as it says is refused with the reason."""
    with pytest.raises(StandinError, match=said):
        rule_from_json(data)


def execute(text: str, *, user: str = "SCOTT", client: str = "") -> Call:
    """Return an execution."""
    return Call(kind=CallKind.EXECUTE, connection=1, user=user, client=client, text=text)


def struck(faults: Faults, *calls: Call) -> list[bool]:
    """Return which calls are struck."""
    found = []
    for call in calls:
        try:
            faults.before(call)
        except CutConnection:
            found.append(True)
        else:
            found.append(False)
    return found


def test_calls_are_counted_from_the_fault_on() -> None:
    """The n-th call and those after it are struck, as often as asked for; others do not count."""
    faults = Faults()
    insert, select = execute("insert into t"), execute("select 1")
    fault = faults.at(CallKind.EXECUTE, n=2, times=2, matching="^INSERT").cut()
    calls = (insert, select, Call(kind=CallKind.COMMIT, connection=1), insert, select, insert, insert)
    assert struck(faults, *calls) == [False, False, False, True, False, True, False]
    assert fault.struck == 2
    always = faults.at(CallKind.EXECUTE, times=None).cut()
    assert struck(faults, insert, select) == [True, True]
    always.remove()
    always.remove()
    assert struck(faults, insert) == [False]


def test_faults_are_for_some_clients() -> None:
    """A fault for a user or for a client's prefix lets others pass, and does not count them."""
    faults = Faults()
    faults.at(CallKind.EXECUTE, user="scott").cut()
    assert struck(faults, execute("x", user="ADAMS"), execute("x")) == [False, True]
    faults.at(CallKind.EXECUTE, user='"scott"').cut()
    assert struck(faults, execute("x"), execute("x", user="scott")) == [False, True]
    faults.at(CallKind.EXECUTE, client="mine").cut()
    assert struck(faults, execute("x", client="yours"), execute("x", client="mine123")) == [False, True]


def test_several_faults_of_one_call() -> None:
    """Faults strike in the order in which they were added, until one ends the call."""
    faults = Faults()
    waited: list[float] = []
    faults.at(CallKind.COMMIT).delay(2)
    faults.at(CallKind.COMMIT).answer(2091)
    faults.at(CallKind.COMMIT).cut()
    with pytest.raises(OracleError, match="ORA-02091: transaction rolled back"):
        faults.before(Call(kind=CallKind.COMMIT, connection=1, pause=waited.append))
    assert waited == [2]
    assert [fault.struck for fault in faults.injected()] == [1, 1, 1]
    faults.clear()
    assert faults.injected() == []


def test_a_call_that_failed_is_not_struck_afterwards() -> None:
    """A fault after a call waits for one that was applied."""
    faults = Faults()
    fault = faults.lose_answer_of_commit()
    faults.after(Call(kind=CallKind.COMMIT, connection=1, error=OracleError(2091, "no")))
    assert fault.struck == 0
    with pytest.raises(CutConnection):
        faults.after(Call(kind=CallKind.COMMIT, connection=1))


def test_an_unknown_number_says_where_it_comes_from() -> None:
    """An error that the stand-in has no text of calls itself injected; a given text is taken."""
    faults = Faults()
    faults.at(CallKind.PING).answer(31011)
    with pytest.raises(OracleError, match="ORA-31011: error injected by oracle_standin"):
        faults.before(Call(kind=CallKind.PING, connection=1))
    faults.at(CallKind.PING).answer(31011, "XML parsing failed")
    with pytest.raises(OracleError, match="XML parsing failed"):
        faults.before(Call(kind=CallKind.PING, connection=1))
