import { compares } from './compares.ts'
import { completes } from './completes.ts'
import { declares } from './declares.ts'
import { ends } from './ends.ts'
import { leavesNothing } from './leaves-nothing.ts'
import { losesNothing } from './loses-nothing.ts'
import { makesSense } from './makes-sense.ts'
import { passesOn } from './passes-on.ts'
import { rests } from './rests.ts'
import { saysWhy } from './says-why.ts'
import { standsAlone } from './stands-alone.ts'
import { tellsTime } from './tells-time.ts'
import { timesPurely } from './times-purely.ts'
import { usesTheClock } from './uses-the-clock.ts'
import type { Point } from '../point.ts'

/** The checks of the contract. The order reports a cause before its consequences */
export const points: readonly Point[] = [makesSense, compares, timesPurely, declares, rests, tellsTime, usesTheClock, standsAlone, completes, saysWhy, passesOn, ends, losesNothing, leavesNothing]
