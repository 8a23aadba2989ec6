import type { MeasuredFamily } from './claims.ts'

export function curves (_: MeasuredFamily): string {
  return ''
}
