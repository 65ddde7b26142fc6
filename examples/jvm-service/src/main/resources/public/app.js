import {Camera, reason, wait} from "./camera.js";
import {clear, show} from "./draw.js";

const byId = id => document.getElementById(id);
const [boxes, bars, image, video] =
  ["boxes", "bars", "image", "video"].map(byId);
let last = null; // the file that is shown
let asked = new AbortController(); // the request for it
let camera = null;

// ---- the service ----

/** Its answer and HTTP's code; a proxy's answer may be no JSON. */
async function ask(body, faces, signal) {
  const query = new URLSearchParams({faces, classes: byId("classes").value});
  const answer = await fetch(`/v1/score?${query}`,
                             {method: "POST", body, signal});
  const text = await answer.text();
  try {
    return {code: answer.status, ...JSON.parse(text)};
  } catch {
    return {code: answer.status, message: `${answer.status}: ${text}`};
  }
}

// ---- what is seen ----

function write(id, text) { // readers of screens speak each change
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function say(status, error = "") {
  write("status", status);
  write("error", error);
  byId("whole").hidden = true;
}

function showSource(element) {
  byId("photo").hidden = !element;
  image.hidden = element !== image;
  video.hidden = element !== video;
  clear(boxes, bars);
}

function found(faces) {
  if (!faces) return "The whole image was scored.";
  if (faces.length === 0) return "No face was found.";
  if (faces[0].index < 0) return "One close face: the whole image was scored.";
  return faces.length === 1 ? "1 face." : `${faces.length} faces.`;
}

function showAnswer(answer) {
  if (answer.code === 200) {
    show(answer, boxes, bars);
    say(found(answer.faces) + (answer.model === "demo" && bars.children.length
      ? " The model “demo” knows drawn faces only." : ""));
  } else {
    clear(boxes, bars);
    say("", answer.message ?? answer.title);
  }
  byId("whole").hidden = !last
    || !(answer.faces?.length === 0 || answer.status === "NO_FACE");
}

// ---- a file ----

async function score(file, faces = byId("faces").value) {
  stopCamera();
  asked.abort();
  const mine = asked = new AbortController();
  last = file;
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(file);
  showSource(image);
  say("Scoring …");
  try {
    const answer = await ask(file, faces, mine.signal);
    if (!mine.signal.aborted) showAnswer(answer);
  } catch {
    if (!mine.signal.aborted) say("", "The service does not answer.");
  }
}

// ---- the camera ----

async function scoreFrame(frame, signal) {
  try {
    const answer = await ask(frame, byId("faces").value, signal);
    if (signal.aborted) return;
    if (answer.code === 503) await wait(1000); // busy: this frame is left out
    else showAnswer(answer);
  } catch {
    if (!signal.aborted) stopCamera("The service does not answer.");
  }
}

function stopCamera(error) {
  if (!camera) return;
  camera.stop();
  camera = null;
  byId("camera").textContent = "Start the camera";
  showSource(null);
  say("", error);
}

async function startCamera() {
  asked.abort();
  last = null;
  const mine = camera = new Camera(video, scoreFrame,
                                   () => stopCamera("The camera has ended."));
  byId("camera").textContent = "Stop the camera";
  showSource(video);
  say("Starting the camera …");
  try {
    await mine.start();
  } catch (error) {
    if (camera === mine) stopCamera(reason(error)); // else stopped meanwhile
  }
}

// ---- events ----

const again = () => last && score(last);

byId("camera").onclick = () => camera ? stopCamera() : startCamera();
window.onpagehide = () => stopCamera();
image.onerror = () => { byId("photo").hidden = true; };
byId("file").onchange = e => {
  if (e.target.files[0]) score(e.target.files[0]);
  e.target.value = ""; // the same file may be chosen again
};
byId("classes").onchange = again;
byId("faces").onchange = again;
byId("whole").onclick = () => score(last, "none");
byId("drop").ondragover = e => {
  e.preventDefault();
  byId("drop").classList.add("over");
};
byId("drop").ondragleave = () => byId("drop").classList.remove("over");
byId("drop").ondrop = e => {
  e.preventDefault();
  byId("drop").classList.remove("over");
  if (e.dataTransfer.files[0]) score(e.dataTransfer.files[0]);
};
