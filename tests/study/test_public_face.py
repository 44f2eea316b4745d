"""The room's public names, its errors and its notices."""

import pickle
import string

import pytest

import gliokit.study
from gliokit.study import (
    BRATS,
    NOTICES,
    GliokitError,
    MissingExtraError,
    Notice,
    OutputError,
    StudyError,
    UsageError,
)


def test_public_names_are_sorted_and_there():
    names = gliokit.study.__all__
    by_kind = [[n for n in names if n.isupper()], [n for n in names if n[0].isupper()]]
    assert by_kind[0] == sorted(by_kind[0])
    assert len(set(names)) == len(names)
    assert all(hasattr(gliokit.study, n) for n in names)


@pytest.mark.parametrize(
    ("kind", "code"), [(StudyError, 3), (UsageError, 2), (OutputError, 4), (GliokitError, 70)]
)
def test_an_error_names_file_rule_value_and_way_out(kind, code):
    error = kind("a rule", source="a.nii", found=7, way_out="Do so.")
    assert str(error) == "a.nii: a rule; found 7. Do so."
    assert error.exit_code == code


def test_a_missing_extra_names_the_line_that_installs_it():
    error = MissingExtraError("training", "train")
    assert "pip install 'gliokit[train]'" in str(error)
    assert error.exit_code == 2


@pytest.mark.parametrize(
    "error", [StudyError("a rule", source="a", found=3), MissingExtraError("training", "train")]
)
def test_an_error_arrives_whole_from_another_process(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__


def test_labels_arrive_whole_from_another_process():
    assert pickle.loads(pickle.dumps(BRATS)) == BRATS


@pytest.mark.parametrize("code", NOTICES)
def test_a_notice_needs_what_fills_its_template(code):
    fields = [f for _, f, _, _ in string.Formatter().parse(NOTICES[code][1]) if f]
    notice = Notice(code, values=dict.fromkeys(fields, 1.0))
    assert notice.message
    assert pickle.loads(pickle.dumps(notice)) == notice
    if fields:
        with pytest.raises(KeyError):
            Notice(code)
