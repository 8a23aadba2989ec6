/** Waits for `count` microtasks */
export async function microtasks (count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await Promise.resolve()
  }
}
