/** Of the options that reach a transport: what is called when it has its connection, before anything is negotiated */
export const CONNECTED = Symbol.for('libp2p-dial-pipeline.connected')
