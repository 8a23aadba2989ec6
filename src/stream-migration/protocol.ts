/** Experimental: what is sent under it may change from one version to the next */
export const PROTOCOL = '/libp2p-dial-pipeline/stream-migration/0.1.0'

/** Bytes of one data frame. Larger ones cost less to frame, smaller ones let a move begin sooner */
export const MAX_DATA_SIZE = 65_536

/** Bytes after the length prefix: the type and the body */
export const MAX_FRAME_SIZE = MAX_DATA_SIZE + 1

/** Bytes of the longest name of a protocol, that of multistream-select in libp2p */
export const MAX_PROTOCOL_SIZE = 1_024
