// Frames of a camera, one at a time: the next is taken when the one before has
// its answer, so a slow service sees fewer of them and no queue grows.
const SIDE = 640; // pixels of a frame's longer side
const PAUSE = 30; // milliseconds from an answer to the next frame

const WHY = {
  NotAllowedError: "The camera was refused. Allow it in the browser's settings of this page.",
  NotFoundError: "There is no camera.",
  NotReadableError: "The camera is in use by another program.",
};

/** What a person is told when the camera does not start. */
export function reason(error) {
  if (!navigator.mediaDevices)
    return "Browsers give the camera to pages of https:// and of localhost only.";
  return WHY[error.name] ?? `The camera does not start: ${error.message}`;
}

export const wait = milliseconds =>
  new Promise(done => setTimeout(done, milliseconds));

/**
 * Shows a camera in a video element and hands each frame to send(blob, signal),
 * until stop() or until the camera itself ends, which calls ended().
 */
export class Camera {
  constructor(video, send, ended) {
    Object.assign(this, {video, send, ended});
    this.canvas = document.createElement("canvas");
    this.abort = new AbortController();
  }

  async start() {
    const stream = await navigator.mediaDevices.getUserMedia(
      {video: {width: {ideal: 1280}}});
    this.tracks = stream.getTracks();
    if (this.abort.signal.aborted) // while a person was asked
      return this.stop();
    this.tracks[0].onended = this.ended;
    this.video.srcObject = stream;
    await this.video.play();
    this.run();
  }

  async run() {
    const {signal} = this.abort;
    while (!signal.aborted) {
      const frame = document.hidden ? null : await this.frame();
      if (frame && !signal.aborted)
        await this.send(frame, signal);
      await wait(PAUSE);
    }
  }

  frame() {
    const {videoWidth: width, videoHeight: height} = this.video;
    const scale = Math.min(1, SIDE / Math.max(width, height));
    this.canvas.width = Math.round(scale * width);
    this.canvas.height = Math.round(scale * height);
    this.canvas.getContext("2d").drawImage(
      this.video, 0, 0, this.canvas.width, this.canvas.height);
    return new Promise(done => this.canvas.toBlob(done, "image/jpeg", 0.85));
  }

  stop() {
    this.abort.abort();
    this.tracks?.forEach(track => track.stop());
    this.video.srcObject = null;
  }
}
