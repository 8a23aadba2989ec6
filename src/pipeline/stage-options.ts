/** What the authoring helpers take beside their function */
export interface HelperOptions {
  /** The names of the dial options that the stage reads. Dials that differ in one of them are two dials. Default: none but libp2p's */
  options?: readonly string[]
}
