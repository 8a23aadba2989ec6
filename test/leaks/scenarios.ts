import { abortScenarios } from './abort-scenarios.ts'
import { raceScenarios } from './race-scenarios.ts'
import type { Way } from './places.ts'

/** Declares the tests that no dial leaves anything, over a transport */
export function scenarios (way: Way): void {
  raceScenarios(way)
  abortScenarios(way)
}
