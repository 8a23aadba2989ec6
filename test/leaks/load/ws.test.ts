import { loads } from '../loads.ts'

loads('ws')
