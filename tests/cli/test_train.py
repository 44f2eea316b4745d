"""`gliokit train segmentation` turns its options into the settings of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.cli import main
from gliokit.learning import EarlyStopping, TrainingSettings
from gliokit.study import Cohort


def settings_of(monkeypatch: pytest.MonkeyPatch, *options: str) -> TrainingSettings:
    """What a run would be made of."""
    found: list[TrainingSettings] = []

    def train(*_: object, settings: TrainingSettings, **__: object) -> Path:
        found.append(settings)
        return Path("model")

    monkeypatch.setattr("gliokit.learning.run.train_segmentation", train)
    monkeypatch.setattr("gliokit.learning.split.keep_back", lambda *_, **__: ())
    monkeypatch.setattr("gliokit.study.read_cohort", lambda *_, **__: Cohort((), (), Path()))
    monkeypatch.setattr(
        "sys.argv", ["gliokit", "train", "segmentation", "--cohort", "c", "-o", "r", *options]
    )
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code in (0, None)
    return found[0]


def test_options_win_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('network = "nnunet-style"\nbatch = 8\nfilters = 16\n')
    settings = settings_of(monkeypatch, "--config", str(config), "--batch", "4")
    assert (settings.network, settings.batch, settings.filters) == ("nnunet-style", 4, 16)
    assert settings.stop_early is None


def test_a_run_stops_early_when_it_is_asked_to_as_the_file_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert settings_of(monkeypatch, "--stop-early").stop_early == EarlyStopping()
    config = tmp_path / "run.toml"
    config.write_text("[stop_early]\nshare = 0.2\n")
    settings = settings_of(monkeypatch, "--stop-early", "--config", str(config))
    assert settings.stop_early == EarlyStopping(share=0.2)


def test_only_the_first_process_of_torchrun_names_the_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "1")
    settings_of(monkeypatch)
    assert "Model" not in capsys.readouterr().out
    monkeypatch.setenv("RANK", "0")
    settings_of(monkeypatch)
    assert "Model: model" in capsys.readouterr().out


def test_a_wrong_setting_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "run.toml"
    config.write_text("learning_rate = -1\n[augmentation]\nblur_voxels = 0\n")
    monkeypatch.setattr(
        "sys.argv",
        ["gliokit", "train", "segmentation", "--cohort", "c", "-o", "r", "--config", str(config)],
    )
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "learning_rate: Input should be greater than 0" in said
    assert "augmentation.blur_voxels" in said
