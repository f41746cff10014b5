import pytest
from msgspec.structs import replace

from omnisend_tui.config.models import Attribute, Export
from omnisend_tui.errors import UsageError
from omnisend_tui.mapping.fields import check_mapping

EMAIL = Attribute(field="email", column="email")


def test_a_sound_mapping_passes() -> None:
    mapping = (
        EMAIL,
        Attribute(field="custom:Tier_1", column="tier", default="3", type="number"),
        Attribute(field="birthdate", column="born"),
        Attribute(field="country", value="Suomi"),
    )
    check_mapping(Export(mapping=mapping, country="fi", date_format="DD.MM.YYYY"))


@pytest.mark.parametrize(
    ("mapping", "options", "code"),
    [
        ((), {}, "email_not_mapped"),
        ((Attribute(field="city", column="c"),), {}, "email_not_mapped"),
        ((EMAIL, EMAIL), {}, "field_twice"),
        ((EMAIL, Attribute(field="shoe_size", column="c")), {}, "unknown_field"),
        ((EMAIL, Attribute(field="custom:", column="c")), {}, "bad_custom_name"),
        ((EMAIL, Attribute(field="custom:a-b", column="c")), {}, "bad_custom_name"),
        ((EMAIL, Attribute(field="custom:a\n", column="c")), {}, "bad_custom_name"),
        ((EMAIL, Attribute(field="custom:" + "a" * 129, column="c")), {}, "bad_custom_name"),
        ((Attribute(field="email", value="a@example.com"),), {}, "one_for_all"),
        ((Attribute(field="email", column="e", default="a@example.com"),), {}, "one_for_all"),
        ((EMAIL, Attribute(field="phone", value="+358401234567")), {}, "one_for_all"),
        ((EMAIL, Attribute(field="city")), {}, "column_or_value"),
        ((EMAIL, Attribute(field="city", column="c", value="Turku")), {}, "column_or_value"),
        ((EMAIL, Attribute(field="custom:n", value="x", type="number")), {}, "bad_value"),
        ((EMAIL, Attribute(field="country", value="Atlantis")), {}, "bad_value"),
        ((EMAIL, Attribute(field="gender", column="g", default="x")), {}, "bad_value"),
        ((EMAIL, replace(Attribute(field="custom:n", value="x"), type="list")), {}, "unknown_type"),
        ((EMAIL,), {"country": "XX"}, "unknown_country_code"),
        ((EMAIL,), {"country": "Suomi"}, "unknown_country_code"),
        ((EMAIL,), {"date_format": "whenever"}, "bad_date_format"),
    ],
)
def test_what_is_refused(
    mapping: tuple[Attribute, ...], options: dict[str, str], code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        check_mapping(replace(Export(mapping=mapping), **options))
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert caught.value.hint.endswith(".")
