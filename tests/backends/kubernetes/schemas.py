"""The part of the Job, Pod and RayJob schemas that our manifests use, closed: a field that is not known is refused.

Written from the public API references of batch/v1, core/v1 and ray.io/v1.
"""

from typing import Any

Schema = dict[str, Any]
_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 4096}}
_LABEL = r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$"
_LABELS: Schema = {
    "type": "object",
    "propertyNames": {"pattern": r"^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"},
    "additionalProperties": {"type": "string", "pattern": _LABEL},
}
_QUANTITY: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$"}
_QUANTITIES: Schema = {"type": "object", "additionalProperties": _QUANTITY}


def closed(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """An object with these fields and no others."""
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def many(of: Schema) -> Schema:
    return {"type": "array", "items": of}


TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}
YES_NO: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}

METADATA = closed(("name", "namespace"), name=NAME, namespace=NAME, labels=_LABELS, annotations=_TEXTS)
CONTAINER = closed(
    ("name", "image"),
    name=NAME,
    image={"type": "string", "pattern": r"@sha256:[0-9a-f]{64}$"},
    command=many(TEXT),
    workingDir=TEXT,
    env=many(closed(("name",), name=TEXT, value=TEXT)),
    resources=closed((), requests=_QUANTITIES, limits=_QUANTITIES),
    securityContext=closed(
        (),
        allowPrivilegeEscalation=YES_NO,
        readOnlyRootFilesystem=YES_NO,
        capabilities=closed((), drop=many(TEXT)),
    ),
    volumeMounts=many(
        closed(
            ("name", "mountPath"),
            name=NAME,
            mountPath={"type": "string", "pattern": "^/[^:]*$"},
            subPath={"type": "string", "pattern": r"^(?!/)(?!.*\.\.)"},
            readOnly=YES_NO,
        )
    ),
)
POD = closed(
    ("containers", "restartPolicy"),
    restartPolicy={"enum": ["Never", "OnFailure"]},
    automountServiceAccountToken=YES_NO,
    enableServiceLinks=YES_NO,
    securityContext=closed((), seccompProfile=closed(("type",), type={"enum": ["RuntimeDefault", "Localhost"]})),
    tolerations=many(
        closed((), key=TEXT, value=TEXT, operator={"enum": ["Equal", "Exists"]},
               effect={"enum": ["NoSchedule", "PreferNoSchedule", "NoExecute"]})
    ),
    containers={**many(CONTAINER), "minItems": 1},
    volumes=many(
        closed(("name",), name=NAME, persistentVolumeClaim=closed(("claimName",), claimName=NAME),
               emptyDir=closed((), sizeLimit=_QUANTITY))
    ),
)  # fmt: skip
TEMPLATE = closed(("spec",), metadata=closed((), labels=_LABELS), spec=POD)
JOB = closed(
    ("apiVersion", "kind", "metadata", "spec"),
    apiVersion={"const": "batch/v1"},
    kind={"const": "Job"},
    metadata=METADATA,
    spec=closed(
        ("template",),
        backoffLimit=COUNT,
        ttlSecondsAfterFinished=COUNT,
        activeDeadlineSeconds={"type": "integer", "minimum": 1},
        suspend=YES_NO,
        template=TEMPLATE,
    ),
)
RAY_JOB = closed(
    ("apiVersion", "kind", "metadata", "spec"),
    apiVersion={"const": "ray.io/v1"},
    kind={"const": "RayJob"},
    metadata=METADATA,
    spec=closed(
        ("entrypoint", "rayClusterSpec"),
        entrypoint=TEXT,
        shutdownAfterJobFinishes=YES_NO,
        ttlSecondsAfterFinished=COUNT,
        backoffLimit=COUNT,
        activeDeadlineSeconds={"type": "integer", "minimum": 1},
        suspend=YES_NO,
        rayClusterSpec=closed(
            ("headGroupSpec",),
            rayVersion=TEXT,
            headGroupSpec=closed(("template", "rayStartParams"), rayStartParams=_TEXTS, template=TEMPLATE),
            workerGroupSpecs=many(
                closed(
                    ("groupName", "template", "rayStartParams"),
                    groupName=NAME,
                    replicas=COUNT,
                    minReplicas=COUNT,
                    maxReplicas=COUNT,
                    rayStartParams=_TEXTS,
                    template=TEMPLATE,
                )
            ),
        ),
    ),
)
