import { describeOn } from '../../../infra/test-servers/engines.ts';
import { busContract } from './contract.ts';
import { openBus } from './open.ts';

/** Few partitions, so that topics are made quickly. */
const withFew = (url: string) => `${url}${url.includes('?') ? '&' : '?'}partitions=4`;

describeOn('kafka', 'the Kafka bus', ({ url }) => {
  busContract('Kafka', async () => ({ open: () => openBus(withFew(url)), remove: async () => undefined }), 6);
});
