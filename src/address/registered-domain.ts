/** Second-level labels under which a country's registry registers names (RFC 920, and their equivalents) */
const REGISTRIES = new Set(['ac', 'co', 'com', 'edu', 'gob', 'gov', 'go', 'mil', 'ne', 'net', 'or', 'org'])

/**
 * Returns the registered part of a name: `libp2p.io` for `sg1.bootstrap.libp2p.io`, `shop.co.uk` for `a.shop.co.uk`. An estimate without the list of
 * public suffixes: two names under one hosting service have one registered part
 */
export function registeredDomain (name: string): string {
  const labels = name.split('.')
  const isBelowRegistry = labels.at(-1)?.length === 2 && REGISTRIES.has(labels.at(-2) ?? '')

  return labels.slice(isBelowRegistry ? -3 : -2).join('.')
}
