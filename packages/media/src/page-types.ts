// Programs without the types of a page (Node, workers) compile against this package, too: what it names of a page is
// then an empty interface. With those types these declarations add nothing.
/* eslint-disable @typescript-eslint/no-empty-object-type -- they merge with those of a page */
declare global {
  interface AudioContext {}
  interface DisplayMediaStreamOptions {}
  interface HTMLMediaElement {}
  interface MediaDevices {}
  interface MediaStream {}
  interface MediaStreamTrack {}
  interface MediaTrackConstraints {}
  interface MediaTrackSettings {}
  interface Permissions {}
  interface RTCConfiguration {}
  interface RTCDTMFSender {}
  interface RTCPeerConnection {}
  interface RTCStatsReport {}
}
export {};
