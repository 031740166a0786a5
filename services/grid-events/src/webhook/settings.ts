import type { Text } from '@dutyledger/event-store/decider';
import { type AllowedTargets, readAllowedTargets } from '@dutyledger/webhooks/addresses';

/**
 * Where webhooks may be sent beside public addresses, as WEBHOOK_ALLOW says (host names, addresses and ranges), or what is
 * wrong with it.
 */
export function webhookTargetsOf(env: NodeJS.ProcessEnv): AllowedTargets | Text {
  try {
    return readAllowedTargets(env['WEBHOOK_ALLOW'] ?? '');
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return {
      'zh-CN': `WEBHOOK_ALLOW 应为主机名、地址或网段，以逗号分隔：${told}`,
      en: `WEBHOOK_ALLOW must be host names, addresses and ranges, separated by commas: ${told}`,
    };
  }
}
