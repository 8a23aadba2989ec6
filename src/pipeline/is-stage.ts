import type { AnyStage } from './types.ts'

export function isStage (value: unknown): value is AnyStage {
  try {
    return typeof value === 'object' && value !== null && 'accepts' in value && 'yields' in value
  } catch {
    // a proxy that was revoked
    return false
  }
}
