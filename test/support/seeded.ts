/** Of the code itself: tests say so from here. */
export { seeded } from '../../server/domain/seeded.ts'
