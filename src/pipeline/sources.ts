// the sources of addresses that the code knows by name, by how far each is trusted. Any other string is a source as well

/** The user, and the configuration of the node */
export const CONFIGURED: readonly string[] = ['user', 'bootstrap']

/** What a verified record and a connection make. Nobody can claim them */
export const PROVEN: readonly string[] = ['certified', 'dialled']

/** The peer itself, its neighbours on the link, the user: their word is newer than what was found at an address before */
export const OWN_WORD: readonly string[] = ['certified', 'identify', 'mdns', 'user']

/** They know nothing of this machine and its network, and nobody stands for what they say */
export const HEARSAY = ['dht', 'pubsub', 'routing'] as const

/** The most trusted first */
export const BY_TRUST: readonly string[] = ['user', 'certified', 'dialled', 'identify', 'bootstrap', 'mdns', 'peer-store', 'routing', 'dht', 'pubsub']
