import { Reflector } from '@nestjs/core';

/**
 * Marks a handler that a signed link may call in place of an API key: `action` is that of the link, and the path parameter `subject`
 * must be what the link was made for.
 */
export const AcceptsLink = Reflector.createDecorator<{ readonly action: string; readonly subject: string }>();
