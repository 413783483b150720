import { storageContract } from './contract.test.js';
import { memoryStorage } from './memory-storage.js';

storageContract('memoryStorage', memoryStorage);
