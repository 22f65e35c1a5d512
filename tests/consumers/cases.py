"""For every alert: series with which it fires, and series that are just not enough.

A value stands for itself over the whole hour; a text is promtool's notation, a sample a minute.
Gaps are made from the firing series: see rules_test.py.
"""

T = 'tenant="t",project="p"'


def recommender(name, value, **labels):
    more = "".join(f',{label}="{text}"' for label, text in labels.items())
    return {f'chat_recommender_{name}{{{T},component="proc"{more}}}': value}


def throttled(window, code, value):
    return {f'chat_ingress_throttled_window_requests{{{T},window="{window}",code="{code}"}}': value}


def attempted(value):
    return {f'chat_ingress_window_requests{{{T},window="1h"}}': value}


def burning(total, bad, fire, quiet):
    """Ten events a minute, so many of them bad. A restart in a gap of ten minutes changes nothing."""

    def series(share):
        return {total: "0+10x60", bad: f"0+{10 * share}x60"}

    return {
        "fire": series(fire),
        "quiet": series(quiet),
        "gap": {
            total: "0+10x20 _x10 0+10x30",
            bad: f"0+{10 * quiet}x20 _x10 0+{10 * quiet}x30",
        },
    }


def refused(fire, quiet):
    # Beside ten that are admitted.
    return burning(
        f"chat_ingress_admitted_requests_total{{{T}}}",
        f'chat_ingress_throttled_requests_total{{{T},code="503",reason="backpressure"}}',
        fire / (1 - fire),
        quiet / (1 - quiet),
    )


def late(fire, quiet):
    return burning(
        f"chat_proc_queue_wait_seconds_count{{{T}}}",
        f'chat_proc_late_tasks_total{{{T},limit_seconds="10"}}',
        fire,
        quiet,
    )


def one(series, fire, quiet):
    return {"fire": {series: fire}, "quiet": {series: quiet}}


CASES = {
    # The exporter.
    "ChatscaleDown": one('up{job="chatscale",instance="a"}', 0, 1),
    "ChatscaleAbsent": {
        "fire": {},
        "quiet": {'chat_exporter_build_info{version="1"}': 1},
        # Gone for less than it takes to fire.
        "gap": {'chat_exporter_build_info{version="1"}': "1x30 _x7 1x30"},
    },
    "ChatscaleLoopStopped": one(
        'chat_exporter_last_collection_timestamp_seconds{instance="a"}', 0, "0+60x60"
    ),
    "ChatSourceDown": one(f'chat_exporter_up{{{T},source="redis"}}', 0, 1),
    "ChatFieldsMalformed": one(f'chat_exporter_fields_malformed{{{T},source="redis"}}', 1, 0),
    "ChatscaleSeriesDropped": one(
        'chat_exporter_series_dropped_total{reason="total_limit"}', "0+1x60", 7
    ),
    "ChatscaleReloadFailed": one('chat_exporter_config_last_reload_successful{instance="a"}', 0, 1),
    "ChatscaleSinkFailing": one('chat_exporter_sink_up{instance="a",sink="textfile"}', 0, 1),
    "ChatscaleSinkStale": one(
        'chat_exporter_sink_last_success_timestamp_seconds{instance="a",sink="textfile"}',
        0,
        "0+60x60",
    ),
    "ChatscalePoliciesDiffer": {
        "fire": {
            'chat_exporter_config_hash{instance="a"}': 7,
            'chat_exporter_config_hash{instance="b"}': 8,
        },
        "quiet": {
            'chat_exporter_config_hash{instance="a"}': 7,
            'chat_exporter_config_hash{instance="b"}': 7,
        },
    },
    # The system.
    "ChatSSEPartial": one(f"chat_ingress_sse_coverage_ratio{{{T}}}", 0.9, 1),
    "ChatSSESaturationHigh": one(f"chat_ingress_sse_saturation_ratio{{{T}}}", 0.71, 0.7),
    "ChatSSESaturationCritical": one(f"chat_ingress_sse_saturation_ratio{{{T}}}", 0.9, 0.89),
    "ChatRestLatencyHigh": one(
        f'chat_ingress_rest_latency_p95_seconds{{{T},window="1m"}}', 1.6, 1.5
    ),
    "ChatThrottlingFast": {
        "fire": attempted(6000)
        | throttled("15m", "429", 50)
        | throttled("15m", "503", 26)
        | throttled("1m", "429", 6),
        # It was so for a quarter of an hour, but is over.
        "quiet": attempted(6000) | throttled("15m", "429", 76) | throttled("1m", "429", 5),
    },
    "ChatThrottlingSlow": {
        "fire": attempted(6000) | throttled("1h", "503", 61) | throttled("15m", "503", 16),
        # Six of ten requests refused, in an hour of sixty: too few to say.
        "quiet": attempted(60) | throttled("1h", "503", 36) | throttled("15m", "503", 9),
    },
    "ChatQueueWaitHigh": one(f'chat_proc_queue_wait_p95_seconds{{{T},window="1m"}}', 3.1, 3),
    "ChatOldestTaskWaiting": one(
        f'chat_proc_queue_oldest_task_seconds{{{T},user_type="paid"}}', 31, 30
    ),
    "ChatJobsWaiting": {
        "fire": {f"chat_proc_jobs_waiting{{{T}}}": 41, f'chat_task_slots{{{T},component="proc"}}': 40},
        "quiet": {f"chat_proc_jobs_waiting{{{T}}}": 40, f'chat_task_slots{{{T},component="proc"}}': 40},
    },
    "ChatQueuePressureHigh": one(f"chat_proc_queue_pressure_ratio{{{T}}}", 0.71, 0.7),
    "ChatQueueFull": one(f"chat_proc_queue_pressure_ratio{{{T}}}", 1, 0.99),
    "ChatQueueGrowing": one(f"chat_proc_queue_total{{{T}}}", "0+1.1x60", "0+0.9x60"),
    "ChatPoolSaturated": one(
        f'chat_pool_utilization_ratio{{{T},component="proc",pool="postgres"}}', 0.81, 0.8
    ),
    "ChatDBConnectionsNearLimit": one(f"chat_db_connections_estimated_ratio{{{T}}}", 0.81, 0.8),
    "ChatDBConnectionsExceedLimit": one(f"chat_db_connections_estimated_ratio{{{T}}}", 1.01, 1),
    "ChatCircuitOpen": {
        "fire": {f'chat_circuit_breaker_state{{{T},breaker="b",state="open"}}': 1},
        "quiet": {
            f'chat_circuit_breaker_state{{{T},breaker="b",state="open"}}': 0,
            f'chat_circuit_breaker_state{{{T},breaker="b",state="half_open"}}': 1,
        },
    },
    "ChatProcessesUnhealthy": {
        "fire": {f'chat_processes{{{T},component="proc",state="stale"}}': 1},
        "quiet": {
            f'chat_processes{{{T},component="proc",state="stale"}}': 0,
            f'chat_processes{{{T},component="proc",state="draining"}}': 1,
        },
    },
    # The recommendation.
    "ChatSnapshotStale": one(f'chat_exporter_snapshot_age_seconds{{{T},source="redis"}}', 61, 60),
    "ChatNoReplicas": {"fire": recommender("incident", 1), "quiet": recommender("incident", 0)},
    "ChatRecommenderInvalid": {"fire": recommender("valid", 0), "quiet": recommender("valid", 1)},
    "ChatRecommenderInputStale": {
        "fire": recommender("input_fresh", 0),
        "quiet": recommender("input_fresh", 1),
    },
    "ChatRecommenderStuck": {
        "fire": recommender("desired_replicas", 5) | recommender("current_replicas", 4),
        # Followed, if late, every quarter of an hour.
        "quiet": recommender("desired_replicas", "4x15 5x15 6x30")
        | recommender("current_replicas", "4x25 5x15 6x20"),
    },
    "ChatReplicaSurplus": {
        "fire": recommender("condition", 1, condition="surplus"),
        "quiet": recommender("condition", 0, condition="surplus"),
    },
    "ChatQueueBlocked": {
        "fire": recommender("blocked_tasks", 6),
        "quiet": recommender("blocked_tasks", 5),
    },
    "ChatTasksLost": {
        "fire": recommender("lost_tasks", 8) | {f"chat_proc_admitted_tasks_total{{{T}}}": "0+15x60"},
        "quiet": recommender("lost_tasks", 8) | {f"chat_proc_admitted_tasks_total{{{T}}}": "0+20x60"},
    },
    "ChatRecommenderAtMaximum": {
        "fire": recommender("desired_replicas", 9) | recommender("max_replicas", 9),
        "quiet": recommender("desired_replicas", 8) | recommender("max_replicas", 9),
    },
    "ChatRecommenderLimitedByConnections": {
        "fire": recommender("connection_shortfall_replicas", 2),
        "quiet": recommender("connection_shortfall_replicas", 0),
    },
    "ChatRecommenderFlapping": {
        "fire": recommender("desired_replicas", " ".join(["3x1 4x1"] * 16)),
        "quiet": recommender("desired_replicas", " ".join(["3x5 4x5"] * 6)),
        # It looks back an hour; a gap is no change.
        "gap": recommender("desired_replicas", " ".join(["3x2 _x3"] * 10)),
    },
    # Objectives: 6 % in six hours, 1 % in three days.
    "ChatAdmissionBudgetBurnFast": refused(0.061, 0.059),
    "ChatAdmissionBudgetBurnSlow": refused(0.011, 0.009),
    "ChatWaitBudgetBurnFast": late(0.061, 0.059),
    "ChatWaitBudgetBurnSlow": late(0.011, 0.009),
}
