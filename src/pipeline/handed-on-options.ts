/**
 * Options of their own that services hand on to `openConnection()`, by who does. None is taken for a misspelt option: a DHT or a block
 * exchange would dial nobody. Seen in libp2p 3.3, @libp2p/kad-dht 16.4, @libp2p/http 2.0, @helia/bitswap 4.0 and @helia/unixfs 8.0
 */
const BY_SERVICE = {
  // RoutingOptions and NewStreamOptions of @libp2p/interface
  libp2p: ['useCache', 'useNetwork', 'validate', 'maxOutboundStreams', 'negotiateFully'],
  // QueryOptions
  kadDht: ['path', 'isSelfQuery', 'minPeers'],
  // node:http's Agent gives those of the request
  http: ['host', 'hostname', 'port', 'method', 'headers', 'protocol'],
  // sendMessage(), and what a caller of get(), cat() or pins.add() passed
  helia: ['peerId', 'message', 'providers', 'offset', 'length', 'extended', 'offline', 'maxSize', 'depth', 'metadata', 'cid', 'validateFn', 'log']
}

export const HANDED_ON: ReadonlySet<string> = new Set(Object.values(BY_SERVICE).flat())
