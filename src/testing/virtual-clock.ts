export { settled, VirtualClock } from '../pipeline/virtual-clock.ts'
