import { Logo } from './logo.js';

const lines = (count: number) => Array.from({ length: count }, (_, index) => index);

export function Starting() {
  return (
    <main class="gate" aria-busy="true">
      <div class="starting">
        <Logo />
        <p class="quiet" role="status">
          One moment…
        </p>
      </div>
    </main>
  );
}

export function RoomsSkeleton() {
  return (
    <ul class="rooms" aria-label="Reading the rooms" aria-busy="true">
      {lines(6).map((index) => (
        <li key={index} class="room-row skeleton-row">
          <span class="skeleton round" />
          <span class="skeleton-lines">
            <span class="skeleton" style={{ width: `${String(45 + ((index * 17) % 40))}%` }} />
            <span class="skeleton thin" style={{ width: `${String(60 + ((index * 23) % 35))}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

export function MessagesSkeleton() {
  return (
    <div class="timeline-skeleton" aria-label="Reading the messages" aria-busy="true">
      {lines(5).map((index) => (
        <div key={index} class={`skeleton-message ${index % 3 === 2 ? 'mine' : ''}`}>
          <span class="skeleton bubble-shape" style={{ width: `${String(28 + ((index * 19) % 34))}%` }} />
        </div>
      ))}
    </div>
  );
}
