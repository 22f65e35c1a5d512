#!/usr/bin/env python3
"""Writes dashboards/*.json, or FOLDER/*.json, from content.py and the default policy.

    generate.py [FOLDER]

Needs grafana-foundation-sdk (PyPI): ./dev dashboards
"""

import json
import os
import re
import sys

import yaml
from content import DASHBOARDS
from grafana_foundation_sdk.builders import common as common_builder
from grafana_foundation_sdk.builders import dashboard as dashboard_builder
from grafana_foundation_sdk.builders import prometheus, stat, statetimeline, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common, dashboard

SOURCE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.dirname(SOURCE)
POLICY = os.path.join(os.path.dirname(FOLDER), "recommender", "policies", "documented.yaml")
DATASOURCE = dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")

OF_INSTANCE = 'job=~"$job",instance=~"$instance"'
OF_TARGET = OF_INSTANCE + ',tenant=~"$tenant",project=~"$project"'
OF_COMPONENT = OF_TARGET + ',component=~"$component"'

# A change of the recommendation and the rules that were active then: its reason.
ACTIVE = 'max by (tenant, project, component, rule) (chat_recommender_rule_state{S,direction="%s",state="active"}) == 1'
CHANGED = 'max by (tenant, project, component) (increase(chat_recommender_decisions_total{S,decision="%s"}[1m])) > 0'
ANNOTATIONS = [
    # name, colour, expression, title, text
    (f"{decision.replace('_', ' ').capitalize()}s", colour,
     f'{ACTIVE % direction} and on (tenant, project, component) ({CHANGED % decision})',
     "{{component}} of {{tenant}}/{{project}}: " + decision.replace("_", " "), "rule {{rule}}")
    for direction, decision, colour in (("out", "scale_out", "red"), ("in", "scale_in", "blue"))
] + [
    ("Other changes", "yellow",
     "max by (tenant, project, component) (changes(chat_recommender_desired_replicas{S}[1m])) > 0"
     ' unless on (tenant, project, component) (chat_recommender_rule_state{S,state="active"} == 1)',
     "{{component}} of {{tenant}}/{{project}}: recommendation changed",
     "no rule: followed what somebody set, or a bound of the policy"),
]


def filled(expression):
    for short, matchers in {"{S": OF_TARGET, "{C": OF_COMPONENT, "{I": OF_INSTANCE}.items():
        expression = re.sub(re.escape(short) + r"(?=[,}])", "{" + matchers, expression)
    return expression


def number(policy, path):
    """The value of a policy field; durations in seconds."""
    for key in path.split("."):
        policy = policy[key]
    if not isinstance(policy, str):
        return policy
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(float(n) * units[unit] for n, unit in re.findall(r"([\d.]+)([hms])", policy))


def thresholds(limit):
    steps = [dashboard.Threshold(color="green", value=None)]
    if limit is not None:
        steps.append(dashboard.Threshold(color="red", value=limit))
    return dashboard_builder.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps)


def panel(spec, policy):
    kind, title, unit, description, queries, options = spec
    limit = number(policy, options["at"]) if "at" in options else options.get("line")
    builders = {"stat": stat, "states": statetimeline, "lines": timeseries, "steps": timeseries}
    built = builders[kind].Panel().title(title).description(description).unit(unit)
    built = built.datasource(DATASOURCE).span(options["width"]).height(5 if kind == "stat" else 8)
    built = built.thresholds(thresholds(limit))
    if kind in ("lines", "steps"):
        built = built.legend(
            common_builder.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        if not options.get("signed"):
            built = built.min(0)
        if limit is not None:
            built = built.thresholds_style(
                common_builder.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.LINE)
            )
    if kind == "steps":
        built = built.line_interpolation(common.LineInterpolation.STEP_AFTER)
    for index, (expression, legend) in enumerate(queries):
        query = prometheus.Dataquery().expr(filled(expression)).legend_format(legend)
        query = query.ref_id(chr(ord("A") + index)).datasource(DATASOURCE)
        built = built.with_target(query.instant() if kind == "stat" else query.range())
    return built


def variable(name, label, query):
    return (
        dashboard_builder.QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(query)
        .multi(True)
        .include_all(True)
        .all_value(".+")
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
    )


def variables(component):
    yield dashboard_builder.DatasourceVariable("datasource").label("Data source").type("prometheus")
    yield variable("job", "Job", "label_values(chat_exporter_build_info, job)")
    yield variable("instance", "Instance", 'label_values(chat_exporter_build_info{job=~"$job"}, instance)')
    yield variable("tenant", "Tenant", "label_values(chat_exporter_up{%s}, tenant)" % OF_INSTANCE)
    yield variable(
        "project", "Project", 'label_values(chat_exporter_up{%s,tenant=~"$tenant"}, project)' % OF_INSTANCE
    )
    if component:
        yield variable(
            "component", "Component", "label_values(chat_recommender_valid{%s}, component)" % OF_INSTANCE
        )


def build(content, policy):
    built = dashboard_builder.Dashboard(content["title"]).uid(content["uid"]).readonly()
    built = built.description(content["description"]).tags(["chatscale"]).timezone("browser")
    built = built.time("now-1h", "now").refresh("30s").tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
    for each in variables(content.get("component", False)):
        built = built.with_variable(each)
    built = built.link(
        dashboard_builder.DashboardLink("chatscale")
        .type(dashboard.DashboardLinkType.DASHBOARDS)
        .tags(["chatscale"])
        .include_vars(True)
        .keep_time(True)
        .as_dropdown(True)
    )
    for name, colour, expression, _, _ in ANNOTATIONS:
        built = built.annotation(
            dashboard_builder.AnnotationQuery()
            .name(name)
            .datasource(DATASOURCE)
            .enable(True)
            .icon_color(colour)
            .expr(filled(expression))
        )
    for title, panels in content["rows"].items():
        built = built.with_row(dashboard_builder.Row(title))
        for spec in panels:
            built = built.with_panel(panel(spec, policy))
    document = json.loads(json.dumps(built.build(), cls=JSONEncoder))
    loaded = dashboard.Dashboard.from_json(document)
    assert json.loads(json.dumps(loaded, cls=JSONEncoder)) == document, "a key is lost"
    for index, shown in enumerate(document["panels"]):
        shown["id"] = index + 1
    # The library does not know how Prometheus' annotations are worded.
    for annotation, (_, _, _, title, text) in zip(document["annotations"]["list"], ANNOTATIONS):
        annotation |= {"step": "1m", "titleFormat": title, "textFormat": text}
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def main(folder):
    with open(POLICY, encoding="utf-8") as file:
        policy = yaml.safe_load(file)
    for name, content in DASHBOARDS.items():
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
            file.write(build(content, policy))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else FOLDER)
