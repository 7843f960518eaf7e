/** Settings of channels as they stand in the database: sealed, each for its own channel. */
import { SealError, seal, unseal } from '../auth/seal.ts';
import { type ChannelName, type ChannelSettings, channelSchemas } from './channels.ts';

const purposeOf = (channel: ChannelName): string => `notification ${channel}`;

/** @throws SealError where there is no secret to seal under */
export function sealSettings(authSecret: string, channel: ChannelName, settings: ChannelSettings): string {
  if (authSecret === '')
    throw new SealError('AUTH_SECRET is not set, so nothing secret can be kept: set it, and start again');
  return seal(authSecret, purposeOf(channel), JSON.stringify(settings));
}

/** @throws SealError */
export const unsealSettings = (authSecret: string, channel: ChannelName, sealed: string): ChannelSettings =>
  channelSchemas[channel].parse(JSON.parse(unseal(authSecret, purposeOf(channel), sealed)));
