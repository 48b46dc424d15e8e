import { type CreateRequest, InvalidRequestError, type Tags } from '@drover/spec';
import { azureLimits } from './azure-options.ts';
import { keyProblem } from './ssh-key.ts';

/** Refuses what Azure would refuse, before anything is asked of it; the error names the setting. */
export function checkRequest({ count, tags, initCommands, authorizedKey }: CreateRequest): void {
  if (!Number.isInteger(count) || count < 1) throw new InvalidRequestError(`azure: cannot create ${count} VMs`);
  if (tags.length !== count || initCommands.length !== count)
    throw new InvalidRequestError(`azure: ${count} VMs need as many sets of tags and init commands`);
  const key = keyProblem(authorizedKey);
  if (key !== undefined) throw new InvalidRequestError(`azure: ${key.message}`, { fix: `${key.setting}: ${key.fix}` });
  for (const one of tags) checkTags(one);
  for (const command of initCommands) customData(command);
}

/** What Azure gives the VM as a script for its first boot, base64. */
export function customData(initCommand: string): string {
  const script = Buffer.from(`#!/bin/sh\n${initCommand}\n`);
  if (script.length > azureLimits.customDataBytes)
    throw new InvalidRequestError(
      `azure: the init command has ${script.length} bytes, and Azure takes ${azureLimits.customDataBytes}`,
      { fix: 'shorten pool.instanceInitCommand, or put what it does into the image' },
    );
  return script.toString('base64');
}

/** Checks a whole set of tags as a VM is to carry them. */
export function checkTags(tags: Tags): void {
  const fix = 'change pool.resourceTags or pool.tagKeyPrefix';
  const entries = Object.entries(tags);
  if (entries.length > azureLimits.tags)
    throw new InvalidRequestError(`azure: ${entries.length} tags, and Azure takes ${azureLimits.tags}`, { fix });
  for (const [key, value] of entries) {
    if (key.length > azureLimits.tagKeyLength || /[<>%&\\?/]/.test(key))
      throw new InvalidRequestError(
        `azure: the tag "${key.slice(0, 60)}" is too long or has one of the characters < > % & \\ ? /`,
        { fix },
      );
    if (value.length > azureLimits.tagValueLength)
      throw new InvalidRequestError(
        `azure: the value of the tag "${key}" has ${value.length} characters, and Azure takes ${azureLimits.tagValueLength}`,
        { fix },
      );
  }
}
