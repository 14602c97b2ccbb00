export { IngesterModule } from './ingester.module.js';
