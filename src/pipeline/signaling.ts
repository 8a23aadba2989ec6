/** The progress event of WebRTC once the relayed connection that it is negotiated over is open */
export const SIGNALING = 'webrtc:open-signaling-stream'
