"""The Finnish catalogue has every text of the code, with the same blanks to fill."""

import re

from make_catalogue import FINNISH, finnish, texts_in_code

_BLANK = re.compile(r"\{\w*\}")


def _key(text: object) -> tuple[str, ...]:
    return tuple(_forms(text))


def _forms(text: object) -> list[str]:
    return [str(form) for form in text] if isinstance(text, list | tuple) else [str(text)]


def test_every_text_is_translated() -> None:
    catalog = finnish()
    missing = []
    for message in texts_in_code():
        translated = catalog.get(message.id) if message.id else None
        if message.id and (translated is None or not all(_forms(translated.string))):
            missing.append(message.id)
    assert missing == []


def test_no_text_is_left_over() -> None:
    code = texts_in_code()
    assert [m.id for m in finnish() if m.id and code.get(m.id) is None] == []


def test_translations_have_the_same_blanks() -> None:
    for message in finnish():
        if message.id:
            for text, form in zip(_forms(message.id), _forms(message.string), strict=True):
                assert set(_BLANK.findall(form)) == set(_BLANK.findall(text)), message.id


def test_the_compiled_catalogue_is_up_to_date() -> None:
    from babel.messages.mofile import read_mo

    with FINNISH.with_suffix(".mo").open("rb") as file:
        old = {_key(m.id): _forms(m.string) for m in read_mo(file) if m.id}
    new = {_key(m.id): _forms(m.string) for m in finnish() if m.id}
    assert old == {key: value for key, value in new.items() if any(value)}
