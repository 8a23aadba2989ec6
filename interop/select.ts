import { CONSUMERS } from './consumers.ts'
import type { Consumer } from './consumer.ts'

/**
 * Returns the consumers with the given names or groups. Without names returns all
 *
 * @throws Error for an unknown name
 */
export function selectConsumers (names: readonly string[]): readonly Consumer[] {
  const known = new Set(CONSUMERS.flatMap(namesOf))
  const unknown = names.filter(name => !known.has(name))

  if (unknown.length > 0) {
    throw new Error(`There is no ${unknown.join(', ')}. There are ${Array.from(known).join(', ')}`)
  }

  return CONSUMERS.filter(consumer => names.length === 0 || namesOf(consumer).some(name => names.includes(name)))
}

function namesOf ({ name, group = name }: Consumer): string[] {
  return [group, name]
}
