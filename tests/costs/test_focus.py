"""FOCUS rows keep the column rules of the specification, and add up to the bill."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.charges import BOOK, CHARGES

from pressroom.costs import FOCUS_COLUMNS, focus_rows, statement

MANDATORY = {
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost",
    "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "ServiceCategory", "ServiceName",
}  # fmt: skip
NEVER_NULL = MANDATORY - {"ChargeClass"}
NUMBERS = {"BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "PricingQuantity", "ConsumedQuantity",
           "ListUnitPrice", "ContractedUnitPrice"}  # fmt: skip
TIMES = {"BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"}


def test_all_mandatory_columns_are_there_and_own_ones_are_marked():
    known = MANDATORY | NUMBERS | TIMES | {
        "ChargeFrequency", "ConsumedUnit", "PricingCategory", "ResourceId", "ResourceName", "ResourceType", "SkuId",
        "SubAccountId", "SubAccountName", "Tags",
    }  # fmt: skip
    assert set(FOCUS_COLUMNS) >= MANDATORY
    assert len(set(FOCUS_COLUMNS)) == len(FOCUS_COLUMNS)
    assert all(column in known or re.fullmatch(r"x_[a-z]+", column) for column in FOCUS_COLUMNS)


@given(st.lists(CHARGES, max_size=8))
def test_every_row_keeps_the_rules_of_its_columns(charges):
    rows = list(focus_rows(charges, lambda at: BOOK, account="shop"))
    for row in rows:
        assert tuple(row) == FOCUS_COLUMNS
        assert all(row[column] for column in NEVER_NULL)
        assert all(re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", row[column]) for column in NUMBERS)
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[column]) for column in TIMES)
        assert row["ChargePeriodStart"] < row["ChargePeriodEnd"]
        assert row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["BillingPeriodEnd"]
        assert row["BillingPeriodStart"].endswith("-01T00:00:00Z")
        assert row["ChargeCategory"] in {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
        assert row["ServiceCategory"] in {"Compute", "Storage"}
        assert row["PricingCategory"] in {"Standard", "Dynamic", "Committed", "Other"}
        assert row["ChargeFrequency"] in {"One-Time", "Recurring", "Usage-Based"}
        assert re.fullmatch("[A-Z]{3}", row["BillingCurrency"])
        assert isinstance(json.loads(row["Tags"]), dict)
        assert float(row["ListUnitPrice"]) * float(row["PricingQuantity"]) == pytest.approx(float(row["ListCost"]))


@given(st.lists(CHARGES, max_size=8))
def test_rows_add_up_to_the_bill(charges):
    rows = focus_rows(charges, lambda at: BOOK, account="shop")
    assert sum(float(row["BilledCost"]) for row in rows) == pytest.approx(statement(charges, lambda at: BOOK).total_usd)
