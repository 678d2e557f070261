export { type CancelTimer, type Clock, systemClock } from '../locks/clock.ts'
