"""JSON schemas of the custom resources that we ship, with the fields that we use and may use.

Facts of KEDA 2.21.0 (config/crd/bases, pkg/scalers: keda tags of the scalers' metadata) and of the
Prometheus operator 0.85.0 (example/prometheus-operator-crd). A field that is not listed is refused.
"""

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}


def closed(properties, required=()):
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def resource(version, kind, spec):
    named = {"name": TEXT, "namespace": TEXT, "labels": {"type": "object"}, "annotations": {"type": "object"}}
    return closed(
        {
            "apiVersion": {"const": version},
            "kind": {"const": kind},
            "metadata": closed(named, ["name"]),
            "spec": spec,
        },
        ["apiVersion", "kind", "metadata", "spec"],
    )


def trigger(name, required, optional):
    """All metadata is text: a number or a bare true is refused by the API server."""
    return closed(
        {
            "type": {"const": name},
            "name": TEXT,
            "metricType": {"enum": ["AverageValue", "Value", "Utilization"]},
            "useCachedMetrics": {"type": "boolean"},
            "metadata": closed({key: TEXT for key in [*required, *optional]}, required),
            "authenticationRef": closed(
                {"name": TEXT, "kind": {"enum": ["TriggerAuthentication", "ClusterTriggerAuthentication"]}}, ["name"]
            ),
        },
        ["type", "metadata"],
    )


SCALING = closed(
    {
        "stabilizationWindowSeconds": COUNT,
        "tolerance": TEXT,
        "selectPolicy": {"enum": ["Max", "Min", "Disabled"]},
        "policies": {
            "type": "array",
            "items": closed(
                {"type": {"enum": ["Pods", "Percent"]}, "value": COUNT, "periodSeconds": COUNT},
                ["type", "value", "periodSeconds"],
            ),
        },
    }
)

SCALED_OBJECT = resource(
    "keda.sh/v1alpha1",
    "ScaledObject",
    closed(
        {
            "scaleTargetRef": closed({"apiVersion": TEXT, "kind": TEXT, "name": TEXT}, ["name"]),
            "pollingInterval": COUNT,
            "cooldownPeriod": COUNT,
            "minReplicaCount": COUNT,
            "maxReplicaCount": COUNT,
            "fallback": closed(
                {
                    "failureThreshold": COUNT,
                    "replicas": COUNT,
                    "behavior": {
                        "enum": [
                            "static",
                            "currentReplicas",
                            "currentReplicasIfHigher",
                            "currentReplicasIfLower",
                            "scalingModifiers",
                        ]
                    },
                },
                ["failureThreshold", "replicas"],
            ),
            "advanced": closed(
                {
                    "restoreToOriginalReplicaCount": {"type": "boolean"},
                    "horizontalPodAutoscalerConfig": closed(
                        {"name": TEXT, "behavior": closed({"scaleUp": SCALING, "scaleDown": SCALING})}
                    ),
                }
            ),
            "triggers": {
                "type": "array",
                "items": {
                    "oneOf": [
                        trigger(
                            "prometheus",
                            ["serverAddress", "query", "threshold"],
                            ["activationThreshold", "authModes", "ignoreNullValues", "timeout", "unsafeSsl"],
                        ),
                        trigger(
                            "metrics-api",
                            ["url", "valueLocation"],
                            [
                                "targetValue",
                                "activationTargetValue",
                                "format",
                                "unsafeSsl",
                                "aggregateFromKubeServiceEndpoints",
                                "aggregationType",
                                "timeout",
                                "authModes",
                            ],
                        ),
                    ]
                },
            },
        },
        ["scaleTargetRef", "triggers"],
    ),
)

TRIGGER_AUTHENTICATION = resource(
    "keda.sh/v1alpha1",
    "TriggerAuthentication",
    closed(
        {
            "secretTargetRef": {
                "type": "array",
                "items": closed({"parameter": TEXT, "name": TEXT, "key": TEXT}, ["parameter", "name", "key"]),
            }
        }
    ),
)

SERVICE_MONITOR = resource(
    "monitoring.coreos.com/v1",
    "ServiceMonitor",
    closed(
        {
            "jobLabel": TEXT,
            "selector": closed({"matchLabels": {"type": "object"}}),
            "endpoints": {
                "type": "array",
                "items": closed(
                    {
                        "port": TEXT,
                        "path": TEXT,
                        "interval": TEXT,
                        "scrapeTimeout": TEXT,
                        "honorLabels": {"type": "boolean"},
                        "scheme": TEXT,
                    }
                ),
            },
        },
        ["selector", "endpoints"],
    ),
)

CRDS = {
    "ScaledObject": SCALED_OBJECT,
    "TriggerAuthentication": TRIGGER_AUTHENTICATION,
    "ServiceMonitor": SERVICE_MONITOR,
}
