/** Lets so many microtasks go by */
export async function microtasks (count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await Promise.resolve()
  }
}
