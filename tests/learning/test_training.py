"""Training repeats with its seed, survives a kill, and exports what it learnt."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.inference import load_model  # noqa: E402
from gliokit.learning import AugmentationSettings, TrainingSettings  # noqa: E402
from gliokit.learning.augmentation import (  # noqa: E402
    NO_SIGNAL,
    augment,
    drop_sequences,
    move,
    vary_intensity,
)
from gliokit.learning.curve import read_curve  # noqa: E402
from gliokit.learning.drawing import draw  # noqa: E402
from gliokit.learning.examples import Example, cut  # noqa: E402
from gliokit.learning.loss import region_loss  # noqa: E402
from gliokit.learning.method import method_of  # noqa: E402
from gliokit.learning.run import train_segmentation  # noqa: E402
from gliokit.learning.start import read_start  # noqa: E402
from gliokit.learning.training import train  # noqa: E402
from gliokit.networks import ResidualUNet  # noqa: E402
from gliokit.study import (  # noqa: E402
    BRATS,
    Cohort,
    Grid,
    LabelMap,
    Modality,
    Patient,
    Study,
    UsageError,
    Volume,
)

torch.set_num_threads(1)  # tests run side by side

SETTINGS = TrainingSettings(patch=(16, 16, 16), widths=(4, 8), steps=4, learning_rate=1e-2)
STILL = AugmentationSettings(
    rotation_degrees=0,
    scale=0,
    flip=0,
    gamma=0,
    contrast=0,
    shift=0,
    bias_field=0,
    noise=0,
    clip=0,
    thick_slices=0,
    ghosts=0,
    dropout=0,
)


def example(seed: int = 0) -> Example:
    """A ball of noise whose bright FLAIR box is the tumour."""
    generator = np.random.default_rng(seed)
    image = generator.normal(size=(4, 20, 18, 22))
    regions = np.zeros((3, 20, 18, 22))
    regions[:, 6:13, 6:13, 6:13] = 1
    image[3] += 4 * regions[0]
    return Example(f"p{seed}", image.astype(np.float16), regions.astype(np.float16))


def test_an_example_is_the_same_for_its_seed_and_step_and_differs_otherwise() -> None:
    examples = [example(0), example(1)]
    image, regions = draw(examples, SETTINGS, method_of(SETTINGS), 5)
    again, _ = draw(examples, SETTINGS, method_of(SETTINGS), 5)
    other, _ = draw(examples, SETTINGS, method_of(SETTINGS), 6)
    assert torch.equal(image, again)
    assert not torch.equal(image, other)
    assert image.shape == (4, 16, 16, 16)
    assert regions.shape == (3, 16, 16, 16)


def test_every_epoch_sees_every_patient_once() -> None:
    examples = [example(seed) for seed in range(5)]
    still = SETTINGS.model_copy(update={"augmentation": STILL})
    sums = [float(draw(examples, still, method_of(still), step)[0].sum()) for step in range(5)]
    assert len({round(s) for s in sums}) == 5


def test_digital_patients_have_their_share_and_everybody_of_a_kind_his_turn() -> None:
    examples = [
        replace(
            example(seed), digital=seed >= 3, image=np.full((4, 20, 18, 22), seed / 2, np.float16)
        )
        for seed in range(8)
    ]
    settings = SETTINGS.model_copy(update={"augmentation": STILL, "digital_share": 0.4})
    method = method_of(settings)
    # Whose turn it is is told by the constant that his image is.
    levels = [float(draw(examples, settings, method, n)[0].max()) for n in range(25)]
    drawn = [examples[round(2 * level)] for level in levels]
    digital = [e.subject for e in drawn if e.digital]
    real = [e.subject for e in drawn if not e.digital]
    assert len(digital) == 10
    assert set(digital[:5]) == set(digital[5:]) == {f"p{n}" for n in range(3, 8)}
    assert all(set(real[n : n + 3]) == {"p0", "p1", "p2"} for n in range(0, 15, 3))


def test_without_ranges_an_example_stays_as_it_is() -> None:
    image, regions = (torch.from_numpy(a) for a in cut(example(), (20, 18, 22), (0, 0, 0)))
    quiet = STILL.model_copy(update={"blur_voxels": 1e-3})
    varied, moved = augment(image, regions, quiet, np.random.default_rng(0))
    torch.testing.assert_close(varied, image.clamp(-5, 5), atol=2e-3, rtol=0)
    torch.testing.assert_close(moved, regions, atol=1e-5, rtol=0)


def test_a_flip_mirrors_image_and_regions_alike() -> None:
    image, regions = (torch.from_numpy(a) for a in cut(example(), (20, 18, 22), (0, 0, 0)))
    matrix = np.diag([-1.0, 1.0, 1.0])
    flipped, mirrored = move(image, regions, matrix)
    torch.testing.assert_close(flipped, image.flip(1), atol=1e-4, rtol=0)
    torch.testing.assert_close(mirrored, regions.flip(1), atol=1e-5, rtol=0)


def test_a_quarter_turn_of_a_patch_with_unequal_sides_keeps_voxels_cubic() -> None:
    image = torch.zeros(1, 24, 12, 8)
    image[0, 10:14, 4:8, :] = 1
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    moved, _ = move(image, image, turn)
    torch.testing.assert_close(moved, image, atol=1e-4, rtol=0)


def test_intensities_outside_the_brain_stay_0() -> None:
    channel = torch.randn(12, 12, 12)
    channel[:4] = 0
    for seed in range(20):
        varied = vary_intensity(channel, AugmentationSettings(), np.random.default_rng(seed))
        assert torch.count_nonzero(varied[:4]) == 0
        assert torch.isfinite(varied).all()


def test_a_bias_field_scales_intensities_and_leaves_no_signal_at_none() -> None:
    only_field = STILL.model_copy(update={"bias_field": 0.5, "often": 1.0, "blur_voxels": 1e-3})
    brain = torch.full((12, 12, 12), 1.0)
    nothing = torch.full((12, 12, 12), -NO_SIGNAL)
    for seed in range(5):
        scaled = vary_intensity(brain, only_field, np.random.default_rng(seed))
        factor = (scaled + NO_SIGNAL) / (1 + NO_SIGNAL)
        assert factor.std() > 0.02
        assert np.exp(-0.5) <= factor.min() <= factor.max() <= np.exp(0.5)
        dark = vary_intensity(nothing, only_field, np.random.default_rng(seed))
        torch.testing.assert_close(dark, nothing, atol=1e-3, rtol=0)


def test_ghosts_are_fainter_copies_along_one_axis() -> None:
    always = STILL.model_copy(update={"ghosts": 1.0, "blur_voxels": 1e-3})
    point = torch.full((24, 24, 24), 1e-6)
    point[12, 12, 12] = 3
    for seed in range(5):
        ghosted = vary_intensity(point, always, np.random.default_rng(seed))
        bright = (ghosted > 0.1).nonzero()
        assert [12, 12, 12] in bright.tolist()
        assert 2 <= len(bright) <= 3
        assert int((bright.max(dim=0).values > bright.min(dim=0).values).sum()) == 1
        copies = [float(ghosted[tuple(b)]) for b in bright if b.tolist() != [12, 12, 12]]
        assert max(copies) < float(ghosted[12, 12, 12])


def test_dropped_sequences_leave_at_least_one() -> None:
    always = AugmentationSettings(dropout=1)
    left = set()
    for seed in range(200):
        kept = drop_sequences(torch.ones(4, 2, 2, 2), always, np.random.default_rng(seed))
        left.add(tuple(int(c) for c in kept[:, 0, 0, 0]))
    assert len(left) == 15
    assert (0, 0, 0, 0) not in left


def test_the_only_sequence_of_a_patient_is_never_dropped() -> None:
    always = AugmentationSettings(dropout=1)
    for channels in ([3], [0, 2]):
        image = torch.zeros(4, 2, 2, 2)
        image[channels] = 1
        left = [drop_sequences(image, always, np.random.default_rng(s)) for s in range(40)]
        assert all(kept.any() for kept in left)
        assert len({tuple(kept[:, 0, 0, 0].tolist()) for kept in left}) == 2 ** len(channels) - 1
    nothing = torch.zeros(4, 2, 2, 2)  # a patch beside the brain
    assert torch.equal(drop_sequences(nothing, always, np.random.default_rng(0)), nothing)


def test_a_cut_beyond_the_image_is_filled_with_0() -> None:
    image, _ = cut(example(), (16, 16, 16), (-4, 8, 10))
    assert np.count_nonzero(image[:, :4]) == 0
    np.testing.assert_array_equal(image[:, 4:, :10, :12], example().image[:, :12, 8:, 10:])


def test_the_loss_of_the_truth_is_near_0_and_of_its_opposite_large() -> None:
    regions = torch.zeros(1, 3, 8, 8, 8)
    regions[:, :2, 2:6, 2:6, 2:6] = 1
    sure = (regions * 2 - 1) * 20
    assert float(region_loss(sure, regions)) < 0.01
    assert float(region_loss(-sure, regions)) > 10


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    examples = [example(0), example(1)]
    whole = train(examples, SETTINGS, tmp_path / "whole")

    def kill(step: int, loss: float, seconds: float) -> None:
        if step == 3:
            raise KeyboardInterrupt

    monkey = pytest.MonkeyPatch()
    monkey.setattr("gliokit.learning.training.CHECKPOINT_SECONDS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        train(examples, SETTINGS, tmp_path / "cut", progress=kill)
    resumed = train(examples, SETTINGS, tmp_path / "cut")
    monkey.undo()
    for name, weight in whole.state_dict().items():
        torch.testing.assert_close(weight, resumed.state_dict()[name], atol=1e-6, rtol=1e-5)
    assert read_curve(tmp_path / "cut" / "curve.jsonl")[0] == [0, 1, 2, 3]


def test_a_small_region_of_one_example_counts_as_much_as_a_large_one_of_another() -> None:
    regions = torch.zeros(2, 1, 10, 10, 10)
    regions[0, :, :9] = 1
    regions[1, :, 0, 0] = 1
    right = 20 * (2 * regions - 1)
    missed_small, missed_large = right.clone(), right.clone()
    missed_small[1] = -20
    missed_large[0] = -20
    entropy = torch.nn.functional.binary_cross_entropy_with_logits
    for missed in (missed_small, missed_large):
        dice_part = region_loss(missed, regions) - 2 * entropy(missed, regions)
        assert 0.2 < float(dice_part) < 0.51


def test_a_batch_holds_the_examples_that_would_follow_one_another(tmp_path: Path) -> None:
    examples = [example(n) for n in range(3)]
    seen: list[float] = []

    def watch(module: object, inputs: tuple[torch.Tensor], _: object) -> None:
        seen.extend(float(image.sum()) for image in inputs[0])

    handle = torch.nn.modules.module.register_module_forward_hook(
        lambda m, i, o: watch(m, i, o) if type(m).__name__ == "ResidualUNet" else None
    )
    try:
        settings = SETTINGS.model_copy(update={"steps": 2, "batch": 2})
        train(examples, settings, tmp_path)
    finally:
        handle.remove()
    wanted = [float(draw(examples, settings, method_of(settings), n)[0].sum()) for n in range(4)]
    assert seen == pytest.approx(wanted, rel=1e-4)


def test_the_house_learns_by_adamw_with_half_a_cosine_and_an_average_of_its_weights(
    tmp_path: Path,
) -> None:
    """The same bits as the loop written out, so that runs of earlier versions go on."""
    examples = [example(0), example(1), example(2)]
    settings = SETTINGS.model_copy(update={"stage": "fine", "surplus": 0.3, "batch": 2, "steps": 5})
    torch.manual_seed(settings.seed)
    network = ResidualUNet(widths=(4, 8)).to(memory_format=torch.channels_last_3d)
    average = {k: v.clone() for k, v in network.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=1e-4)
    losses = []
    for step in range(5):
        drawn = [draw(examples, settings, method_of(settings), 2 * step + n) for n in (0, 1)]
        image, regions = (torch.stack(part) for part in zip(*drawn, strict=True))
        optimiser.param_groups[0]["lr"] = (
            1e-2 * (step + 1) / 50 * (0.5 + 0.5 * float(np.cos(np.pi * step / 5)))
        )
        optimiser.zero_grad()
        loss = region_loss(network(image.contiguous(memory_format=torch.channels_last_3d)), regions)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 12.0)
        optimiser.step()
        keep = min(0.995, (step + 1) / (step + 11))
        for name, value in network.state_dict().items():
            average[name].lerp_(value, 1 - keep)
        losses.append(round(float(loss.detach()), 5))
    learnt = train(examples, settings, tmp_path)
    assert read_curve(tmp_path / "curve.jsonl")[1] == losses
    assert all(torch.equal(v, average[k]) for k, v in learnt.state_dict().items())


@pytest.mark.parametrize("precision", ["bf16", "f16"])
def test_half_precision_learns_nearly_what_single_precision_does(
    precision: str, tmp_path: Path
) -> None:
    """With its gradients scaled; the scale is stored, so that a resumed run keeps it."""
    half = SETTINGS.model_copy(update={"precision": precision})
    train([example(0)], SETTINGS, tmp_path / "single")
    train([example(0)], half, tmp_path / "half")
    losses = [read_curve(tmp_path / name / "curve.jsonl")[1] for name in ("single", "half")]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    stored = torch.load(tmp_path / "half" / "checkpoint.pt", weights_only=True)
    assert ("scaler" in stored) == (precision == "f16")
    longer = half.model_copy(update={"steps": 6})
    train([example(0)], longer, tmp_path / "half")
    assert read_curve(tmp_path / "half" / "curve.jsonl")[0] == list(range(6))


def test_a_run_of_an_earlier_version_is_resumed(tmp_path: Path) -> None:
    """Its settings name no network and its checkpoint no patients kept back."""
    cohort = Cohort((patient("a"), patient("b")), ("collection",), tmp_path)
    settings = SETTINGS.model_copy(update={"steps": 2})
    train_segmentation(cohort, tmp_path / "run", settings=settings)
    path = tmp_path / "run" / "settings.json"
    earlier = json.loads(path.read_text())
    for name in ("network", "filters", "memory_gib", "stop_early"):
        del earlier[name]
    path.write_text(json.dumps(earlier))
    stored = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)
    assert set(stored) == {"step", "settings", "network", "average", "optimiser"}
    train_segmentation(cohort, tmp_path / "run", settings=settings, resume=True)


def test_a_network_learns_a_bright_box(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"steps": 250, "augmentation": STILL, "average": 0.8})
    network = train([example(0)], settings, tmp_path)
    losses = read_curve(tmp_path / "curve.jsonl")[1]
    assert losses[-1] < 0.6 * losses[0]
    image, regions = cut(example(0), (16, 16, 16), (0, 0, 0))
    with torch.no_grad():
        found = network(torch.from_numpy(image)[None])[0, 0] > 0
    wanted = torch.from_numpy(regions[0]) > 0.5
    assert 2 * int((found & wanted).sum()) / int(found.sum() + wanted.sum()) > 0.9


def patient(name: str) -> Patient:
    """A brain of 1,200 mL at 2 mm with a bright box on FLAIR."""
    shape = (80, 80, 80)
    distance = np.linalg.norm((np.indices(shape).T - 39.5).T, axis=0)
    image = np.random.default_rng(len(name)).normal(100, 10, shape)
    labels = np.zeros(shape, np.uint8)
    labels[30:44, 30:44, 30:44] = 2
    labels[34:40, 34:40, 34:40] = 3
    grid = Grid(shape, np.diag([2.0, 2.0, 2.0, 1.0]))
    flair = np.where(distance < 33, image + 80 * (labels > 0), 0).astype(np.float32)
    volume = Volume.from_array(Modality.FLAIR, grid, flair)
    return Patient(
        name,
        {"collection": "x", "patient": f"barcode of {name}"},
        lambda: Study(name, {Modality.FLAIR: volume}),
        lambda: LabelMap(grid, labels, BRATS),
    )


def test_a_cohort_becomes_a_model_whose_card_names_the_patients_that_it_saw(tmp_path: Path) -> None:
    cohort = Cohort(tuple(patient(n) for n in "abc"), ("collection", "patient"), tmp_path)
    settings = SETTINGS.model_copy(update={"steps": 2})
    folder = train_segmentation(cohort, tmp_path / "run", settings=settings, held_out=["b"])
    kept = json.loads((tmp_path / "run" / "patients.json").read_text())["held_out"]
    model = load_model(folder)
    assert kept == ["b"]
    assert model.card.name == "run"
    assert {p.subject for p in model.card.trained_on} == set("ac")
    assert all(p.patient == f"barcode of {p.subject}" for p in model.card.trained_on)
    assert (tmp_path / "run" / "curve.png").stat().st_size > 1000
    with pytest.raises(UsageError, match="new folder"):
        train_segmentation(cohort, tmp_path / "run", settings=settings, held_out=["b"])
    with pytest.raises(UsageError, match="resumed with the settings"):
        train_segmentation(cohort, tmp_path / "run", settings=settings, held_out=(), resume=True)
    train_segmentation(cohort, tmp_path / "run", settings=settings, held_out=["b"], resume=True)


def test_a_run_that_goes_on_from_another_has_seen_its_patients_too(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"steps": 1})
    first = Cohort((patient("a"), patient("b")), ("collection",), tmp_path)
    second = Cohort((patient("c"), patient("d")), ("collection",), tmp_path)
    third = Cohort((patient("a"), patient("b"), patient("c")), (), tmp_path)
    train_segmentation(first, tmp_path / "one", settings=settings)
    folder = train_segmentation(
        second, tmp_path / "two", settings=settings, initial=tmp_path / "one"
    )
    assert {p.subject for p in load_model(folder).card.trained_on} == set("abcd")
    with pytest.raises(UsageError, match="seen by no network"):
        train_segmentation(
            third, tmp_path / "three", settings=settings, held_out=["a"], initial=tmp_path / "one"
        )


def test_a_fine_stage_ships_the_coarse_one_that_it_follows(tmp_path: Path) -> None:
    cohort = Cohort((patient("a"), patient("b")), (), tmp_path)
    settings = SETTINGS.model_copy(update={"steps": 1})
    coarse = load_model(train_segmentation(cohort, tmp_path / "coarse", settings=settings))
    fine = settings.model_copy(update={"stage": "fine", "spacing_mm": 1})
    with pytest.raises(UsageError, match="coarse"):
        train_segmentation(cohort, tmp_path / "fine", settings=fine)
    folder = train_segmentation(
        cohort, tmp_path / "fine", settings=fine, coarse=coarse, name="mine"
    )
    card = load_model(folder).card
    assert [s.name for s in card.stages] == ["coarse", "fine"]
    assert card.name == "mine"


def test_a_run_starts_from_the_weights_in_a_model(tmp_path: Path) -> None:
    # The exporter keeps equal arrays once: a few steps tell them apart.
    settings = SETTINGS.model_copy(update={"steps": 4, "learning_rate": 0.05, "average": 0.5})
    first = Cohort((patient("a"),), (), tmp_path)
    folder = train_segmentation(first, tmp_path / "one", settings=settings)
    trained = torch.load(tmp_path / "one" / "checkpoint.pt", weights_only=True)["average"]
    start = read_start(folder, settings.model_copy(update={"stage": "fine"}))
    assert set(start.weights) == set(trained)
    for name, weight in trained.items():
        torch.testing.assert_close(start.weights[name], weight, atol=1e-3, rtol=1e-3)
    other = Cohort((patient("b"),), (), tmp_path)
    tuned = train_segmentation(other, tmp_path / "two", settings=settings, initial=folder)
    card = load_model(tuned).card
    assert [p.subject for p in card.trained_on] == ["a", "b"]
    assert card.training["coarse"]["started_from"]["model"] == load_model(folder).title
    third = train_segmentation(
        other, tmp_path / "three", settings=settings, initial=tmp_path / "two"
    )
    told = load_model(third).card.training["coarse"]["started_from"]
    assert told["steps"] == settings.steps
    assert told["started_from"]["model"] == load_model(folder).title
