export function Logo({ size = 44 }: { readonly size?: number }) {
  return <img class="logo" src="/icon.svg" width={size} height={size} alt="" />;
}
