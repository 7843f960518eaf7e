/** Settings of channels as they stand in the database: sealed, each for its own channel. */
import { seal, unseal } from '../auth/seal.ts';
import { type ChannelName, type ChannelSettings, channelSchemas } from './channels.ts';

const purposeOf = (channel: ChannelName): string => `notification ${channel}`;

export const sealSettings = (authSecret: string, channel: ChannelName, settings: ChannelSettings): string =>
  seal(authSecret, purposeOf(channel), JSON.stringify(settings));

/** @throws SealError */
export const unsealSettings = (authSecret: string, channel: ChannelName, sealed: string): ChannelSettings =>
  channelSchemas[channel].parse(JSON.parse(unseal(authSecret, purposeOf(channel), sealed)));
