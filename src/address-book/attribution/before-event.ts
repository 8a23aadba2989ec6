/**
 * Calls a function with the detail of each event of a type, before anybody hears of the event
 *
 * @throws where the emitter does not dispatch its events itself
 */
export function beforeEvent (emitter: any, type: string, fn: (detail: any) => void): void {
  const { dispatchEvent } = emitter

  if (typeof dispatchEvent !== 'function') {
    throw new Error('its events cannot be seen')
  }

  emitter.dispatchEvent = (event: any) => {
    if (event?.type === type) {
      fn(event.detail)
    }

    return dispatchEvent.call(emitter, event)
  }
}
