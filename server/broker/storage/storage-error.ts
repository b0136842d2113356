/** Why a data directory cannot be opened. The message names the file and the remedy. */
export class StorageError extends Error {
  readonly code: 'held' | 'damaged' | 'foreign'

  constructor(code: 'held' | 'damaged' | 'foreign', message: string) {
    super(message)
    this.name = 'StorageError'
    this.code = code
  }
}
