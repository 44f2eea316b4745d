"use strict";
(function () {
  const section = document.getElementById("viewer");
  const canvas = document.getElementById("viewer-canvas");
  const data = JSON.parse(document.getElementById("viewer-data").textContent);
  const sliders = ["sagittal", "coronal", "axial"].map(function (name) {
    return document.getElementById("viewer-" + name);
  });

  function hasWebGL() {
    try {
      return document.createElement("canvas").getContext("webgl2") !== null;
    } catch {
      return false;
    }
  }

  function giveUp() {
    for (const id of ["controls", "viewer-stage", "sliders", "viewer-help"]) {
      document.getElementById(id).hidden = true;
      document.getElementById(id).style.display = "none";
    }
    document.getElementById("viewer-none").hidden = false;
    section.dataset.state = "none";
  }

  function colours(alpha) {
    const table = { R: [0], G: [0], B: [0], A: [0], I: [0], labels: [""] };
    for (const entry of data.values) {
      table.R.push(parseInt(entry.colour.slice(1, 3), 16));
      table.G.push(parseInt(entry.colour.slice(3, 5), 16));
      table.B.push(parseInt(entry.colour.slice(5, 7), 16));
      table.A.push(alpha);
      table.I.push(entry.value);
      table.labels.push(entry.label);
    }
    return table;
  }

  function load(entry) {
    return niivue.NVImage.loadFromBase64({
      base64: entry.base64, name: entry.name, cal_min: 0, cal_max: 255,
    });
  }

  async function start() {
    section.dataset.state = "loading";
    const nv = new niivue.Niivue({
      logLevel: "error",
      loadingText: "",
      backColor: [0, 0, 0, 1],
      crosshairColor: [0.45, 0.75, 0.5, 1],
      crosshairWidth: 0.5,
      crosshairGap: 8,
      isRadiologicalConvention: true,
      sagittalNoseLeft: true,
      multiplanarLayout: 3,
      multiplanarShowRender: 0,
      multiplanarEqualSize: true,
      dragAndDropEnabled: false,
      showLegend: false,
      atlasOutline: 1,
      isOrientationTextVisible: true,
      showAllOrientationMarkers: true,
      fontColor: [1, 1, 1, 1],
    });
    await nv.attachToCanvas(canvas, false);
    const loaded = new Map();
    async function voxels(entry) {
      if (!loaded.has(entry.name)) {
        loaded.set(entry.name, (await load(entry)).img);
      }
      return loaded.get(entry.name);
    }

    const image = await load(data.sequences[data.first]);
    loaded.set(data.sequences[data.first].name, image.img);
    nv.addVolume(image);
    const overlay = await load(data.segmentations[0]);
    loaded.set(data.segmentations[0].name, overlay.img.slice());
    overlay.setColormapLabel(colours(0));
    nv.addVolume(overlay);

    async function showSequence() {
      const chosen = document.getElementById("viewer-sequence").value;
      image.img = await voxels(data.sequences[Number(chosen)]);
      nv.updateGLVolume();
    }

    async function showRegions() {
      const chooser = document.getElementById("viewer-segmentation");
      const map = await voxels(data.segmentations[chooser ? Number(chooser.value) : 0]);
      const kept = new Uint8Array(256);
      for (const box of document.querySelectorAll(".viewer-value")) {
        if (box.checked) { kept[Number(box.value)] = Number(box.value); }
      }
      overlay.img = map.map(function (value) { return kept[value]; });
      const filled = document.getElementById("viewer-filled").checked;
      overlay.setColormapLabel(colours(filled ? 110 : 0));
      nv.updateGLVolume();
    }

    function goTo(index) {
      nv.scene.crosshairPos = nv.vox2frac(index);
      nv.drawScene();
    }

    nv.onLocationChange = function (location) {
      sliders.forEach(function (slider, axis) {
        slider.value = String(Math.round(location.vox[axis]));
      });
    };
    for (const slider of sliders) {
      slider.addEventListener("input", function () {
        goTo(sliders.map(function (s) { return Number(s.value); }));
      });
    }
    document.getElementById("viewer-sequence").addEventListener("change", showSequence);
    document.getElementById("viewer-layout").addEventListener("change", function (event) {
      nv.setSliceType(Number(event.target.value));
    });
    document.getElementById("controls").addEventListener("change", function (event) {
      if (event.target.matches(".viewer-value, #viewer-filled, #viewer-segmentation")) {
        showRegions();
      }
    });
    await showRegions();
    goTo(data.centre);
    section.dataset.state = "ready";
  }

  if (!hasWebGL()) {
    giveUp();
    return;
  }
  const watcher = new IntersectionObserver(function (entries) {
    if (entries.some(function (entry) { return entry.isIntersecting; })) {
      watcher.disconnect();
      start().catch(giveUp);
    }
  }, { rootMargin: "300px" });
  watcher.observe(section);
})();
