"""Tables that the tests of this folder share: customers who stay or leave, with columns that should not be learnt."""

import numpy as np
import pyarrow as pa

START = 1_700_000_000_000_000
DAY = 86_400_000_000


def customers(rows=1_200, *, seed=1, target="churned"):
    """Who left (`churned`), what they spent (`spent`) and which plan they took next (`next_plan`); with an identifier,
    a leak of each kind, and honest columns.
    """
    draw = np.random.default_rng(seed)
    at = START + np.sort(draw.integers(0, 90 * DAY, rows))
    age = draw.normal(40, 12, rows)
    age[draw.random(rows) < 0.08] = np.nan
    plan = draw.choice(["basic", "plus", "pro", "team"], rows)
    calls = draw.poisson(3, rows)
    margin = -1 + 0.06 * (np.nan_to_num(age, nan=40) - 40) + 1.4 * (plan == "basic") + 0.4 * (calls - 3)
    left = draw.random(rows) < 1 / (1 + np.exp(-margin))
    columns = {
        "Signed up": pa.array(at, pa.timestamp("us", "UTC")),
        "customer_id": [f"c{place:05}" for place in draw.permutation(rows)],
        "Age": pa.array(age, from_pandas=True),
        "plan": plan,
        "calls": calls,
    }
    if target == "churned":
        columns["refund"] = np.where(left, 1.0, 0.0) + draw.normal(0, 0.05, rows)
        columns["reason"] = ["moved" if one else None for one in left]
        columns["churned"] = np.where(left, "yes", "no")
    elif target == "spent":
        columns["spent"] = 20 + 10 * margin + draw.normal(0, 4, rows)
    else:
        scores = np.stack([margin, np.zeros(rows), 0.5 * calls - 1.5], axis=1) + draw.gumbel(size=(rows, 3))
        columns["next_plan"] = np.array(["basic", "plus", "pro"])[scores.argmax(axis=1)]
    return pa.table(columns)
