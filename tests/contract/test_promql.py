"""What Prometheus and Grafana are given is PromQL, by a parser of its grammar and its types."""

import json
from datetime import timedelta
from pathlib import Path

import promql_parser
import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
SHOWN = {
    f"{panel['title']}: {target['expr']}": target["expr"]
    for panel in json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    for target in panel["targets"]
}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_compares_something_and_lasts_for_a_time(
    rule: dict[str, str],
) -> None:
    asks = promql_parser.parse(rule["expr"])

    assert isinstance(asks, promql_parser.BinaryExpr), "an alert that is not a comparison rings"
    assert promql_parser.parse_duration(rule.get("for", "1s")) < timedelta(minutes=10)


@pytest.mark.parametrize("expression", SHOWN.values(), ids=list(SHOWN))
def test_what_the_dashboard_asks_can_be_asked(expression: str) -> None:
    assert promql_parser.parse(expression)


@pytest.mark.parametrize(
    "expression",
    ["rate(cas_presses_total)", "up{job=cas} == 0", "sum by outcome (up)", "max(up", "often(up)"],
)
def test_what_cannot_be_asked_is_found(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        promql_parser.parse(expression)
